package tokenvending.server.cli;

import java.io.PrintWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tokenvending.configuration.JsonSchema;
import tokenvending.server.lifecycle.ExitCode;

/** {@code schema}: the JSON Schema of tvm.yaml, for editors and validators. */
@Command(
    name = "schema",
    mixinStandardHelpOptions = true,
    description = {
      "Prints the JSON Schema of tvm.yaml, for completion in editors.",
      "tvm check reports more errors than a schema can."
    })
final class SchemaCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = Objects.requireNonNull(spec, "picocli sets it").commandLine().getOut();
    out.print(JsonSchema.text());
    out.flush();
    return ExitCode.DONE;
  }
}
