package tokenvending.server;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;
import tokenvending.configuration.ConfigurationFile;
import tokenvending.configuration.ConfigurationReader;
import tokenvending.configuration.ConfigurationResult.Read;
import tokenvending.configuration.ConfigurationResult.Unusable;
import tokenvending.configuration.Problem;

/** {@code --config}, as every command that reads the policy has it. */
final class PolicyFile {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The policy. Default: ./tvm.yaml, else one that is built in.")
  private Optional<Path> config = Optional.empty();

  Optional<Path> config() {
    return config;
  }

  ConfigurationFile find() {
    return ConfigurationFile.find(config, Path.of(""));
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
