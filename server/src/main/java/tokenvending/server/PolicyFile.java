package tokenvending.server;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tokenvending.configuration.ConfigurationFile;
import tokenvending.configuration.ConfigurationReader;
import tokenvending.configuration.ConfigurationResult.Read;
import tokenvending.configuration.ConfigurationResult.Unusable;
import tokenvending.configuration.ConfigurationSearch;
import tokenvending.configuration.Problem;

/** The policy file, as every command that reads one takes it: {@code FILE} or {@code --config}. */
final class PolicyFile {
  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "FILE",
      description = "The policy; the same as --config FILE.")
  private Optional<Path> file = Optional.empty();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = {
        "The policy. Default: ./tvm.yaml.",
        "default: the built-in policy, which lets every caller read and write. It is also used"
            + " for local use without a file."
      })
  private Optional<Path> config = Optional.empty();

  /** The file that the command line names. Throws where it names two. */
  Optional<Path> named() {
    if (file.isPresent() && config.isPresent()) {
      throw new ParameterException(
          Objects.requireNonNull(spec, "picocli sets it").commandLine(),
          "FILE and --config FILE are the same: give one of them");
    }
    return config.or(() -> file);
  }

  /** The file to read for a command that can be local use; else the reason is printed. */
  static Optional<ConfigurationFile> find(
      Optional<Path> named, Map<String, String> environment, PrintWriter err) {
    return found(ConfigurationSearch.find(named, Path.of(""), environment), err);
  }

  /** The file to read for a command that needs one; else the reason is printed. */
  static Optional<ConfigurationFile> find(Optional<Path> named, PrintWriter err) {
    return found(ConfigurationSearch.find(named, Path.of("")), err);
  }

  private static Optional<ConfigurationFile> found(
      ConfigurationSearch.Result result, PrintWriter err) {
    return switch (result) {
      case ConfigurationSearch.Result.Found(ConfigurationFile file) -> Optional.of(file);
      case ConfigurationSearch.Result.NotFound(String message) -> {
        err.println(message);
        err.flush();
        yield Optional.empty();
      }
    };
  }

  /** The file, when it can be used; else all its problems are printed. */
  static Optional<Read> read(ConfigurationFile file, PrintWriter err) {
    return switch (ConfigurationReader.read(file)) {
      case Read read -> Optional.of(read);
      case Unusable(List<Problem> problems) -> {
        print(problems, err);
        yield Optional.empty();
      }
    };
  }

  static void print(List<Problem> problems, PrintWriter err) {
    problems.forEach(err::println);
    err.flush();
  }
}
