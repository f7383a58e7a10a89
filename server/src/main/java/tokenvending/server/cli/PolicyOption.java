package tokenvending.server.cli;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The policy file on the command line of every command: {@code FILE} or {@code --config FILE}. */
final class PolicyOption {
  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "FILE",
      description = "The policy, as with --config FILE.")
  private Optional<Path> file = Optional.empty();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = {
        "The policy. Default: ./tvm.yaml.",
        "default: the built-in policy, under which every caller can read and write. Local use"
            + " without a file uses it, too."
      })
  private Optional<Path> config = Optional.empty();

  /**
   * Returns the file on the command line.
   *
   * @throws ParameterException if it names two
   */
  Optional<Path> named() {
    if (file.isPresent() && config.isPresent()) {
      throw new ParameterException(
          Objects.requireNonNull(spec, "picocli sets it").commandLine(),
          "FILE and --config FILE are the same: use one of them");
    }
    return config.or(() -> file);
  }
}
