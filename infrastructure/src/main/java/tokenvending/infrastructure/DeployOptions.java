package tokenvending.infrastructure;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import tokenvending.configuration.ConfigurationFile;
import tokenvending.configuration.ConfigurationProblem;
import tokenvending.configuration.ConfigurationSearch;
import tokenvending.configuration.Nearest;
import tokenvending.configuration.SecretReference;

/**
 * The validated options of a deployment, {@code -c NAME=VALUE}.
 *
 * @param stack the stack's name; another name deploys a second stack
 * @param built the build folder of {@code lambda/}
 * @param momentoSecret name or ARN of the secret with the API key
 */
record DeployOptions(
    String stack,
    DeployableFile file,
    Path built,
    Path staging,
    Optional<String> momentoSecret,
    boolean demoUsers) {
  static final String USUAL_STACK = "MomentoTokenVendingMachine";

  private static final Set<String> OPTIONS =
      new TreeSet<>(Set.of("config", "demo-users", "momento-secret", "stack"));

  /** Earlier options that are keys of the file now. */
  private static final Map<String, String> IN_FILE =
      Map.of(
          "access-tokens", "aws.access-tokens",
          "alarm-topic", "aws.alarm-topic",
          "gateway-log-role", "aws.gateway-log-role",
          "waf", "aws.rate-per-address");

  /**
   * The form of option names. The CDK's own names, except one, contain colons, slashes or an at
   * sign.
   */
  private static final Pattern OPTION = Pattern.compile("[A-Za-z0-9_.-]+");

  private static final String CDK_TELEMETRY = "cli-telemetry";

  /** The result of parsing the options. */
  sealed interface Result {
    record Understood(DeployOptions options) implements Result {}

    /**
     * The options are invalid.
     *
     * @param lines one problem each
     */
    record Refused(List<String> lines) implements Result {
      public Refused {
        lines = List.copyOf(lines);
      }
    }
  }

  /**
   * Parses the options, and reads the file that they name.
   *
   * @param context values by name; names of another form (the CDK's own) are ignored
   * @param workingFolder the folder for relative paths
   */
  static Result read(Map<String, String> context, Path workingFolder, Path built, Path staging) {
    List<String> wrong = new ArrayList<>(unknown(context));
    String stack = value(context, "stack").orElse(USUAL_STACK);
    if (!stack.matches("[A-Za-z][A-Za-z0-9-]{0,127}")) {
      wrong.add("-c stack: expected the name of a stack: letters, digits and hyphens");
    }
    Optional<String> secret = value(context, "momento-secret");
    if (secret.filter(name -> !SecretReference.AwsSecret.isName(name)).isPresent()) {
      wrong.add("-c momento-secret: expected the name or ARN of a secret");
    }
    boolean demoUsers = truth(context, "demo-users", wrong);
    Optional<DeployableFile> file = file(value(context, "config"), workingFolder, wrong);
    if (demoUsers && file.isPresent() && !file.get().needsPool()) {
      wrong.add(
          "-c demo-users: they are in the stack's own user pool, and the file has none: expected `-"
              + " cognito: {}` under authentication");
    }
    return wrong.isEmpty()
        ? new Result.Understood(
            new DeployOptions(stack, file.orElseThrow(), built, staging, secret, demoUsers))
        : new Result.Refused(wrong);
  }

  /** Returns the file; otherwise adds its problems. A file is required. */
  private static Optional<DeployableFile> file(
      Optional<String> asked, Path workingFolder, List<String> wrong) {
    return switch (ConfigurationSearch.find(asked.map(Path::of), workingFolder)) {
      case ConfigurationSearch.Result.NotFound(String message) -> {
        wrong.add(message);
        yield Optional.empty();
      }
      case ConfigurationSearch.Result.Found(ConfigurationFile found) ->
          switch (DeployableFile.read(found)) {
            case DeployableFile.Result.Refused(List<ConfigurationProblem> problems) -> {
              problems.forEach(problem -> wrong.add(problem.toString()));
              yield Optional.empty();
            }
            case DeployableFile.Result.Deployable(DeployableFile file) -> Optional.of(file);
          };
    };
  }

  /** Returns unknown options, so that a misspelled one is not ignored. */
  private static List<String> unknown(Map<String, String> context) {
    return context.keySet().stream()
        .filter(name -> OPTION.matcher(name).matches())
        .filter(name -> !OPTIONS.contains(name) && !name.equals(CDK_TELEMETRY))
        .sorted()
        .map(
            name ->
                IN_FILE.containsKey(name)
                    ? "-c %s: write %s in the file".formatted(name, IN_FILE.get(name))
                    : "-c %s: unknown option%s: expected %s"
                        .formatted(
                            name,
                            Nearest.of(name, OPTIONS)
                                .map(known -> ", did you mean " + known + "?")
                                .orElse(""),
                            OPTIONS))
        .toList();
  }

  private static Optional<String> value(Map<String, String> context, String name) {
    return Optional.ofNullable(context.get(name));
  }

  private static boolean truth(Map<String, String> context, String name, List<String> wrong) {
    Optional<String> written = value(context, name);
    if (written.filter(word -> !word.matches("true|false")).isPresent()) {
      wrong.add("-c " + name + ": expected true or false");
    }
    return written.map(Boolean::parseBoolean).orElse(false);
  }
}
