package tokenvending.infrastructure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import tokenvending.configuration.AuthenticationSettings.Cognito;
import tokenvending.configuration.Configuration;
import tokenvending.configuration.ConfigurationFile;
import tokenvending.configuration.ConfigurationProblem;
import tokenvending.configuration.ConfigurationReader;
import tokenvending.configuration.ConfigurationResult.Read;
import tokenvending.configuration.ConfigurationResult.Unusable;

/**
 * A {@code tvm.yaml} that is valid and can work on AWS; only {@link #read} and {@link #of} create
 * one.
 */
public final class DeployableFile {
  /** The result of reading a file. */
  public sealed interface Result {
    /** The file can be deployed. */
    record Deployable(DeployableFile file) implements Result {}

    /**
     * The file is invalid, or cannot work on AWS.
     *
     * @param problems in the order of the file
     */
    record Refused(List<ConfigurationProblem> problems) implements Result {
      public Refused {
        problems = List.copyOf(problems);
      }
    }
  }

  private final Configuration configuration;
  private final List<ConfigurationProblem> warnings;
  private final boolean saysState;
  private final byte[] content;

  private DeployableFile(Read read, List<ConfigurationProblem> warnings, byte[] content) {
    this.configuration = read.configuration();
    this.warnings = List.copyOf(warnings);
    this.saysState = read.source().says("state");
    this.content = content;
  }

  /** Reads a file as strictly as the functions do, and checks the requirements of AWS. */
  public static Result read(ConfigurationFile file) {
    return switch (ConfigurationReader.read(file)) {
      case Unusable(List<ConfigurationProblem> problems) -> new Result.Refused(problems);
      case Read read -> {
        List<ConfigurationProblem> all = new ArrayList<>(read.warnings());
        all.addAll(AwsChecks.problems(read));
        all.sort(Comparator.comparingInt(ConfigurationProblem::line));
        yield all.stream().anyMatch(ConfigurationProblem::isError)
            ? new Result.Refused(all)
            : new Result.Deployable(new DeployableFile(read, all, content(file)));
      }
    };
  }

  /**
   * Reads a file for your own stack.
   *
   * @throws IllegalArgumentException with all problems if it cannot be deployed
   */
  public static DeployableFile of(Path file) {
    return switch (read(new ConfigurationFile.Written(file))) {
      case Result.Deployable(DeployableFile good) -> good;
      case Result.Refused(List<ConfigurationProblem> problems) ->
          throw new IllegalArgumentException(
              String.join("\n", problems.stream().map(ConfigurationProblem::toString).toList()));
    };
  }

  private static byte[] content(ConfigurationFile file) {
    try {
      return file.content();
    } catch (IOException e) {
      throw new UncheckedIOException("the file was removed meanwhile: " + file, e);
    }
  }

  Configuration configuration() {
    return configuration;
  }

  List<ConfigurationProblem> warnings() {
    return warnings;
  }

  /** Whether the file sets {@code state}. */
  boolean saysState() {
    return saysState;
  }

  /** Whether the file requires a user pool in the stack. */
  boolean needsPool() {
    return configuration.authentication().stream()
        .anyMatch(way -> way instanceof Cognito cognito && cognito.pool().isEmpty());
  }

  byte[] content() {
    return content.clone();
  }
}
