package tokenvending.server.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tokenvending.block.BlockList;
import tokenvending.configuration.AuthenticationSettings;
import tokenvending.configuration.ConfigurationFile;
import tokenvending.configuration.ConfigurationReader;
import tokenvending.configuration.ConfigurationReader.BlockParts;
import tokenvending.configuration.StateSettings;
import tokenvending.server.lifecycle.ExitCode;
import tokenvending.server.lifecycle.PolicyFile;
import tokenvending.server.lifecycle.ProblemPrinter;

/**
 * Opens the list of blocked callers that the policy names: {@code --config} and {@code --table}.
 * Rules that are invalid do not prevent it, since an operator can be editing them.
 */
final class BlocksOption {
  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec spec;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The policy that names the list. Default: ./tvm.yaml.")
  private Optional<Path> config = Optional.empty();

  @Option(
      names = "--table",
      paramLabel = "TABLE",
      description = "The DynamoDB table of a stack on AWS, where the policy names none.")
  private Optional<String> table = Optional.empty();

  PrintWriter out() {
    return command().getOut();
  }

  PrintWriter err() {
    return command().getErr();
  }

  private picocli.CommandLine command() {
    return Objects.requireNonNull(spec, "picocli sets it").commandLine();
  }

  /** Runs with the list; otherwise prints why there is none, and returns the exit code. */
  int run(ToIntFunction<BlockList> action) {
    return run(Optional.empty(), action);
  }

  /** The same, unless the policy has no such issuer: a block of its callers would do nothing. */
  int run(Optional<String> issuer, ToIntFunction<BlockList> action) {
    try {
      return tryToRun(issuer, action);
    } finally {
      out().flush();
      err().flush();
    }
  }

  private int tryToRun(Optional<String> issuer, ToIntFunction<BlockList> action) {
    ProblemPrinter printer = new ProblemPrinter(err(), System.getenv());
    Optional<ConfigurationFile> file = PolicyFile.find(config, printer);
    if (file.isEmpty()) {
      return ExitCode.WRONG_INPUT;
    }
    BlockParts parts = ConfigurationReader.readBlocks(file.get());
    if (!parts.problems().isEmpty()) {
      printer.print(parts.problems());
      return ExitCode.WRONG_INPUT;
    }
    if (parts.blocks().isEmpty()) {
      err()
          .println(
              "the policy has no list of blocked callers: write blocks: state, or blocks:"
                  + " file:blocks.json");
      return ExitCode.WRONG_INPUT;
    }
    Optional<String> unknown =
        issuer.flatMap(one -> AuthenticationSettings.unknownIssuer(one, parts.authentication()));
    if (unknown.isPresent()) {
      err().println("--issuer: " + unknown.get());
      return ExitCode.WRONG_INPUT;
    }
    StateSettings state =
        table
            .<StateSettings>map(name -> new StateSettings.DynamoDb(Optional.of(name)))
            .orElse(parts.state());
    AtomicInteger code = new AtomicInteger(ExitCode.WRONG_INPUT);
    Optional<String> problem =
        OpenedBlocks.use(
            parts.blocks().get(),
            state,
            System.getenv(),
            list -> code.set(action.applyAsInt(list)));
    problem.ifPresent(err()::println);
    return code.get();
  }

  /** Prints that the list could not be read or written. */
  int unavailable() {
    err().println("the list of blocked callers cannot be read or written: nothing was changed");
    return ExitCode.REFUSED;
  }
}
