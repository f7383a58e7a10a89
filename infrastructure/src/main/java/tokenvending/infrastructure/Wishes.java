package tokenvending.infrastructure;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tokenvending.configuration.ConfigurationFile;
import tokenvending.configuration.Problem;

/**
 * What a command line asks for with {@code -c NAME=VALUE}, checked.
 *
 * @param stack the stack's name; another one deploys beside the first
 * @param built the functions, in the form that is asked for
 * @param momentoSecret name or ARN of a secret that holds the API key
 * @param alarmTopic ARN of an SNS topic
 */
record Wishes(
    String stack,
    DeployableFile file,
    BuiltFunctions built,
    Path staging,
    Optional<String> momentoSecret,
    Optional<String> alarmTopic,
    boolean accessTokens,
    boolean demoUsers,
    boolean gatewayLogRole) {
  static final String USUAL_STACK = "MomentoTokenVendingMachine";

  /** What became of a command line. */
  sealed interface Result {
    record Understood(Wishes wishes) implements Result {}

    /**
     * Not to be followed.
     *
     * @param lines what is wrong, one thing each
     */
    record Refused(List<String> lines) implements Result {
      public Refused {
        lines = List.copyOf(lines);
      }
    }
  }

  /**
   * Reads a command line's values and the file that they name.
   *
   * @param context the values, by name
   * @param workingFolder where relative paths begin
   */
  static Result read(
      Function<String, Optional<String>> context,
      Path workingFolder,
      BuiltFunctions.Managed managed,
      BuiltFunctions.OwnRuntime own,
      Path staging) {
    List<String> wrong = new ArrayList<>();
    String stack = context.apply("stack").orElse(USUAL_STACK);
    if (!stack.matches("[A-Za-z][A-Za-z0-9-]{0,127}")) {
      wrong.add("-c stack: expected the name of a stack: letters, digits and hyphens");
    }
    Optional<String> secret = context.apply("momento-secret");
    if (secret.filter(name -> !name.matches("[A-Za-z0-9/_+=.@:-]{1,512}")).isPresent()) {
      wrong.add("-c momento-secret: expected the name or ARN of a secret");
    }
    Optional<String> topic = context.apply("alarm-topic");
    if (topic.filter(arn -> !arn.matches("arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:.+")).isPresent()) {
      wrong.add("-c alarm-topic: expected the ARN of an SNS topic");
    }
    BuiltFunctions built =
        switch (context.apply("runtime").orElse("managed")) {
          case "managed" -> managed;
          case "own" -> {
            if (own.architecture().isEmpty()) {
              wrong.add(
                  "-c runtime=own: the functions are built for %s on %s, and Lambda runs Linux on"
                          .formatted(own.system(), own.processor())
                      + " x86_64 or arm64");
            }
            yield own;
          }
          default -> {
            wrong.add("-c runtime: expected managed (AWS's Java, with snapshots) or own");
            yield managed;
          }
        };
    boolean accessTokens = truth(context, "access-tokens", false, wrong);
    boolean demoUsers = truth(context, "demo-users", false, wrong);
    boolean logRole = truth(context, "gateway-log-role", true, wrong);
    ConfigurationFile found =
        ConfigurationFile.find(context.apply("config").map(Path::of), workingFolder);
    switch (DeployableFile.read(found)) {
      case DeployableFile.Result.Refused(List<Problem> problems) ->
          problems.forEach(problem -> wrong.add(problem.toString()));
      case DeployableFile.Result.Deployable(DeployableFile file) -> {
        if (demoUsers && !file.needsPool()) {
          wrong.add(
              "-c demo-users: they live in the stack's own user pool, and the file asks for none:"
                  + " expected `- cognito: {}` under authentication");
        }
        if (wrong.isEmpty()) {
          return new Result.Understood(
              new Wishes(
                  stack, file, built, staging, secret, topic, accessTokens, demoUsers, logRole));
        }
      }
    }
    return new Result.Refused(wrong);
  }

  private static boolean truth(
      Function<String, Optional<String>> context, String name, boolean usual, List<String> wrong) {
    Optional<String> written = context.apply(name);
    if (written.filter(word -> !word.matches("true|false")).isPresent()) {
      wrong.add("-c " + name + ": expected true or false");
    }
    return written.map(Boolean::parseBoolean).orElse(usual);
  }
}
