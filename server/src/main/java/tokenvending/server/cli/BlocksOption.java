package tokenvending.server.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tokenvending.application.DescribedCaller;
import tokenvending.application.FileBlockStore;
import tokenvending.block.BlockList;
import tokenvending.configuration.BlockSettings;
import tokenvending.configuration.ConfigurationResult.Read;
import tokenvending.configuration.StateSettings;
import tokenvending.server.lifecycle.ExitCode;
import tokenvending.server.lifecycle.PolicyFile;
import tokenvending.server.lifecycle.ProblemPrinter;
import tokenvending.server.lifecycle.ServerStateOpener;
import tokenvending.state.BlockStore;
import tokenvending.state.SharedState;

/**
 * Opens the list of blocked callers that the policy names: {@code --config} and {@code --table}.
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
    Optional<Read> read =
        PolicyFile.find(config, printer).flatMap(file -> PolicyFile.read(file, printer));
    if (read.isEmpty()) {
      return ExitCode.WRONG_INPUT;
    }
    Optional<BlockSettings> settings = read.get().configuration().blocks();
    if (settings.isEmpty()) {
      err()
          .println(
              "the policy has no list of blocked callers: write blocks: state, or blocks:"
                  + " file:blocks.json");
      return ExitCode.WRONG_INPUT;
    }
    Optional<String> unknown =
        issuer.flatMap(one -> DescribedCaller.unknownIssuer(one, read.get().configuration()));
    if (unknown.isPresent()) {
      err().println("--issuer: " + unknown.get());
      return ExitCode.WRONG_INPUT;
    }
    return switch (settings.get()) {
      case BlockSettings.File(Path path) -> action.applyAsInt(list(new FileBlockStore(path)));
      case BlockSettings.Shared() -> inState(read.get(), action);
    };
  }

  private int inState(Read read, ToIntFunction<BlockList> action) {
    Map<String, String> environment = System.getenv();
    StateSettings state =
        table
            .<StateSettings>map(name -> new StateSettings.DynamoDb(Optional.of(name)))
            .orElse(read.configuration().state());
    ServerStateOpener stores = new ServerStateOpener(environment, InstantSource.system());
    Optional<String> problem =
        state instanceof StateSettings.Memory
            ? Optional.of(
                "the policy names no store in state: for a stack on AWS add --table TABLE")
            : stores.configurationError(state);
    if (problem.isPresent()) {
      err().println(problem.get());
      return ExitCode.WRONG_INPUT;
    }
    try (SharedState shared = stores.open(state, System::nanoTime)) {
      return action.applyAsInt(list(shared.blocks()));
    }
  }

  private static BlockList list(BlockStore store) {
    return new BlockList(store, System::nanoTime, InstantSource.system());
  }

  /** Prints that the list could not be read or written. */
  int unavailable() {
    err().println("the list of blocked callers cannot be read or written: nothing was changed");
    return ExitCode.REFUSED;
  }
}
