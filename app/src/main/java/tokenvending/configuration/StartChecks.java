package tokenvending.configuration;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tokenvending.policy.DenyRule;

/** Checks that a machine has what the file requires. */
public final class StartChecks {
  private StartChecks() {}

  /**
   * Returns the unset variables that the file names. In local use with the built-in file they are
   * expected and not reported. The endpoint is required by v2 keys only, so the built-in file can
   * name an unset variable.
   */
  public static List<ConfigurationProblem> unsetVariables(
      ConfigurationResult.Read read, boolean isBuiltIn, Map<String, String> environment) {
    List<ConfigurationProblem> problems = new ArrayList<>();
    if (isBuiltIn) {
      return problems;
    }
    Configuration configuration = read.configuration();
    Optional<SecretReference> apiKey = configuration.momento().apiKey();
    apiKey.ifPresent(
        reference -> check("momento.api-key", reference, read.source(), environment, problems));
    if (configuration.momento().endpoint().orElse(new MomentoEndpoint.Literal(""))
        instanceof MomentoEndpoint.Environment(SecretReference.Environment reference)) {
      check("momento.endpoint", reference, read.source(), environment, problems);
    }
    if (configuration.state() instanceof StateSettings.RedisAt(var address)) {
      check("state", address, read.source(), environment, problems);
    }
    problems.sort(Comparator.comparingInt(ConfigurationProblem::line));
    return problems;
  }

  private static void check(
      String path,
      SecretReference reference,
      Source source,
      Map<String, String> environment,
      List<ConfigurationProblem> problems) {
    if (reference instanceof SecretReference.Environment(String name)
        && environment.getOrDefault(name, "").isBlank()) {
      problems.add(source.error(path, "the environment variable " + name + " is not set"));
    }
  }

  /** Returns why the audit log cannot be written on this machine. */
  public static List<ConfigurationProblem> auditFile(ConfigurationResult.Read read) {
    return switch (read.configuration().audit().to()) {
      case AuditSettings.Stdout() -> List.of();
      case AuditSettings.File(Path path) ->
          auditFile(path.toAbsolutePath()).stream()
              .map(problem -> read.source().error("audit.to", problem))
              .toList();
    };
  }

  private static Optional<String> auditFile(Path file) {
    Optional<Path> folder = Optional.ofNullable(file.getParent());
    if (Files.isDirectory(file)) {
      return Optional.of(file + " is a directory: expected a file");
    }
    if (folder.isPresent() && !Files.isDirectory(folder.get())) {
      return Optional.of("the folder " + folder.get() + " does not exist: create it");
    }
    Path written = Files.exists(file) ? file : folder.orElse(file);
    return Files.isWritable(written)
        ? Optional.empty()
        : Optional.of("this user cannot write to " + written + ": change its owner or its mode");
  }

  /** Returns settings that only a deployment on AWS can supply. */
  public static List<ConfigurationProblem> missingOutsideAws(ConfigurationResult.Read read) {
    List<ConfigurationProblem> problems = new ArrayList<>();
    List<AuthenticationSettings> methods = read.configuration().authentication();
    for (int i = 0; i < methods.size(); i++) {
      if (methods.get(i) instanceof AuthenticationSettings.Cognito cognito
          && cognito.pool().isEmpty()) {
        problems.add(
            read.source()
                .error(
                    "authentication[" + i + "].cognito",
                    "region, user-pool-id and client-id are missing: only the stack on AWS can"
                        + " supply them"));
      }
    }
    return problems;
  }

  /** Returns why the list of blocked callers cannot be where the file names it. */
  public static List<ConfigurationProblem> blocks(ConfigurationResult.Read read) {
    return read.configuration().blocks().flatMap(list -> blocks(list, read)).stream()
        .map(problem -> read.source().error("blocks", problem))
        .toList();
  }

  private static Optional<String> blocks(BlockSettings list, ConfigurationResult.Read read) {
    return switch (list) {
      case BlockSettings.Shared() ->
          read.configuration().state() instanceof StateSettings.Memory
              ? Optional.of(
                  "with state: memory there is no store for the list: write"
                      + " blocks: file:blocks.json, or name a store in state (state: dynamodb is"
                      + " the table of the stack on AWS)")
              : Optional.empty();
      case BlockSettings.File(Path path) -> {
        Path file = path.toAbsolutePath();
        Path folder = Optional.ofNullable(file.getParent()).orElse(file);
        yield Files.isDirectory(file)
            ? Optional.of(file + " is a directory: expected a file")
            : Files.isDirectory(folder)
                ? Optional.empty()
                : Optional.of("the folder " + folder + " does not exist: create it");
      }
    };
  }

  /** Returns the entries under {@code deny} that are over. */
  public static List<ConfigurationProblem> endedDenials(
      ConfigurationResult.Read read, Instant now) {
    List<ConfigurationProblem> problems = new ArrayList<>();
    List<DenyRule> entries = read.configuration().deny();
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i).until().filter(end -> !now.isBefore(end)).isPresent()) {
        problems.add(
            read.source()
                .warning("deny[" + i + "].until", "this time is over: the entry denies no caller"));
      }
    }
    return problems;
  }
}
