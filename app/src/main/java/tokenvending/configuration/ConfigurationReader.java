package tokenvending.configuration;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import tokenvending.configuration.ConfigurationResult.Read;
import tokenvending.configuration.ConfigurationResult.Unusable;
import tokenvending.configuration.PolicyShapes.RuleDraft;
import tokenvending.configuration.Shape.Numbered;
import tokenvending.policy.AuthenticationMethod;
import tokenvending.policy.Compilation;
import tokenvending.policy.DenyRule;
import tokenvending.policy.Policy;
import tokenvending.policy.PolicyDocument;
import tokenvending.policy.PolicyProblem;

/**
 * Reads {@code tvm.yaml}. Unknown keys are errors, and all problems are reported at once, in the
 * order of the file. It neither resolves references nor reads the environment.
 */
public final class ConfigurationReader {
  private final Findings findings;
  private final Path folder;

  private ConfigurationReader(Findings findings, Path folder) {
    this.findings = findings;
    this.folder = folder;
  }

  /** Reads the file that was found. */
  public static ConfigurationResult read(ConfigurationFile file) {
    return switch (file) {
      case ConfigurationFile.Written(Path path) -> read(path);
      case ConfigurationFile.BuiltIn(Path folder) -> builtIn(folder);
    };
  }

  /** Reads a file; relative paths in it are resolved against its folder. */
  public static ConfigurationResult read(Path file) {
    return read(file, TextFile::read);
  }

  /** Like {@link #read(Path)}, for a reload; never waits for the writer of a pipe. */
  public static ConfigurationResult readAgain(Path file) {
    return read(file, TextFile::readAgain);
  }

  /**
   * What commands about blocked callers need of a file, whatever is wrong with the rest of it.
   *
   * @param problems of these keys; without one, the other components are what the file says
   */
  public record BlockParts(
      Optional<BlockSettings> blocks,
      StateSettings state,
      List<AuthenticationSettings> authentication,
      List<ConfigurationProblem> problems) {
    private static final Set<String> KEYS = Set.of("", "authentication", "blocks", "state");

    public BlockParts {
      authentication = List.copyOf(authentication);
      problems = List.copyOf(problems);
    }

    private static BlockParts of(Optional<TvmYaml.Draft> draft, Findings findings) {
      return new BlockParts(
          draft.flatMap(TvmYaml.Draft::blocks),
          draft.map(TvmYaml.Draft::state).orElse(new StateSettings.Memory()),
          draft.map(TvmYaml.Draft::authentication).orElse(List.of()).stream()
              .map(Numbered::value)
              .toList(),
          findings.inOrder().stream()
              .filter(ConfigurationProblem::isError)
              .filter(one -> draft.isEmpty() || KEYS.contains(one.path().split("[.\\[]", -1)[0]))
              .toList());
    }
  }

  /** Reads what commands about blocked callers need: an operator can be editing the rest. */
  public static BlockParts readBlocks(ConfigurationFile found) {
    Path file =
        switch (found) {
          case ConfigurationFile.Written(Path path) -> path;
          case ConfigurationFile.BuiltIn builtIn -> throw new IllegalArgumentException("no file");
        };
    Findings findings = new Findings(file.toString());
    Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(file);
    return BlockParts.of(
        TextFile.read(file, findings)
            .flatMap(text -> YamlText.parse(text, findings))
            .flatMap(node -> new TvmYaml(folder).shape().read(node, "", findings)),
        findings);
  }

  private static ConfigurationResult read(
      Path file, BiFunction<Path, Findings, Optional<String>> reading) {
    Findings findings = new Findings(file.toString());
    Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(file);
    return reading
        .apply(file, findings)
        .map(text -> new ConfigurationReader(findings, folder).parse(text))
        .orElseGet(() -> new Unusable(findings.inOrder()));
  }

  /**
   * Parses a text.
   *
   * @param name the file's name in problems
   * @param folder the folder for relative paths
   */
  public static ConfigurationResult parse(String text, String name, Path folder) {
    return new ConfigurationReader(new Findings(name), folder).parse(text);
  }

  /** Reads the built-in file. */
  static ConfigurationResult builtIn(Path folder) {
    try {
      Findings findings = new Findings("built-in default");
      return TextFile.decode(new ConfigurationFile.BuiltIn(folder).content(), findings)
          .map(text -> new ConfigurationReader(findings, folder).parse(text))
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ConfigurationResult parse(String text) {
    Optional<YamlNode> root = YamlText.parse(text, findings);
    Optional<TvmYaml.Draft> draft =
        root.flatMap(node -> new TvmYaml(folder).shape().read(node, "", findings));
    if (draft.isEmpty()) {
      return new Unusable(findings.inOrder());
    }
    return check(draft.get(), new Source(findings, root.orElseThrow()));
  }

  private ConfigurationResult check(TvmYaml.Draft draft, Source source) {
    checkMethods(draft.authentication(), source);
    List<AuthenticationSettings> authentication =
        draft.authentication().stream().map(Numbered::value).toList();
    PolicyDocument document =
        new PolicyDocument(
            authentication.stream().map(ConfigurationReader::method).toList(),
            draft.parameters(),
            draft.token().ttl(),
            draft.token().withinSession(),
            draft.rules().stream().map(rule -> rule.value().rule()).toList());
    return switch (Policy.compile(document)) {
      case Compilation.Rejected(List<PolicyProblem> errors, List<PolicyProblem> warnings) -> {
        report(errors, draft.rules(), source::error);
        report(warnings, draft.rules(), source::warning);
        yield new Unusable(findings.inOrder());
      }
      case Compilation.Compiled(Policy policy, List<PolicyProblem> warnings) -> {
        report(warnings, draft.rules(), source::warning);
        warnOfSelfAssertedClaims(draft, source);
        warnOfDenials(draft.deny(), authentication, source);
        yield findings.holdErrors()
            ? new Unusable(findings.inOrder())
            : new Read(
                new Configuration(
                    draft.token(),
                    authentication,
                    document,
                    policy,
                    draft.deny(),
                    draft.blocks(),
                    draft.limits(),
                    draft.momento(),
                    draft.state(),
                    draft.maxInstances(),
                    draft.cors(),
                    draft.audit(),
                    draft.server(),
                    draft.aws()),
                findings.inOrder(),
                source);
      }
    };
  }

  private void warnOfSelfAssertedClaims(TvmYaml.Draft draft, Source source) {
    SelfAssertedClaims claims = new SelfAssertedClaims(draft.authentication());
    for (Numbered<AuthenticationSettings> entry : draft.authentication()) {
      if (entry.value() instanceof AuthenticationSettings.Oidc oidc) {
        String path = "authentication[" + entry.index() + "].oidc.groups-claim";
        SelfAssertedClaims.warning(oidc.groupsClaim(), oidc.trustedClaims())
            .ifPresent(message -> findings.add(source.warning(path, message)));
      }
    }
    for (int i = 0; i < draft.rules().size(); i++) {
      String rule = "rules[" + i + "]";
      claims
          .warnings(draft.rules().get(i).value().rule())
          .forEach(
              (path, message) ->
                  findings.add(
                      source.warning(
                          PolicyShapes.placeInFile(rule + path, draft.rules()), message)));
    }
  }

  /** Warns of entries under {@code deny} that no caller of these methods can match. */
  private void warnOfDenials(
      List<DenyRule> entries, List<AuthenticationSettings> methods, Source source) {
    for (int i = 0; i < entries.size(); i++) {
      DenyRule entry = entries.get(i);
      String path = "deny[" + i + "]";
      Optional<String> unknown =
          entry.issuer().flatMap(issuer -> AuthenticationSettings.unknownIssuer(issuer, methods));
      if (unknown.isPresent()) {
        findings.add(source.warning(path + ".issuer", unknown.get() + ": the entry denies none"));
      } else if ((entry.subject().isPresent() || !entry.when().groups().isEmpty())
          && methods.stream().allMatch(AuthenticationSettings.Open.class::isInstance)) {
        findings.add(
            source.warning(
                path,
                "callers without a credential have no subject and no groups: it denies none"));
      } else if (!entry.when().claims().isEmpty()
          && methods.stream().allMatch(method -> isWithoutClaims(method, entry))) {
        findings.add(
            source.warning(
                path + ".claims", "only callers with a JWT have claims: the entry denies none"));
      }
    }
  }

  private static boolean isWithoutClaims(AuthenticationSettings method, DenyRule entry) {
    return !AuthenticationSettings.takesJwts(method)
        || (entry.issuer().isPresent()
            && AuthenticationSettings.issuer(method).isPresent()
            && !AuthenticationSettings.issuer(method).equals(entry.issuer()));
  }

  /** Rejects two entries for one issuer, because their order would decide about a caller. */
  private void checkMethods(List<Numbered<AuthenticationSettings>> methods, Source source) {
    List<AuthenticationMethod> seen = new ArrayList<>();
    for (Numbered<AuthenticationSettings> entry : methods) {
      String path = "authentication[" + entry.index() + "]";
      AuthenticationMethod method = method(entry.value());
      int before = seen.indexOf(method);
      seen.add(method);
      if (before >= 0) {
        findings.add(
            source.error(
                path,
                "the same authentication method as authentication[%d]: expected each issuer, password and open once"
                    .formatted(methods.get(before).index())));
      } else if (method instanceof AuthenticationMethod.Open) {
        findings.add(
            source.warning(
                path, "open: every caller that reaches this server gets tokens by its rules"));
      }
    }
  }

  private static AuthenticationMethod method(AuthenticationSettings settings) {
    return switch (settings) {
      case AuthenticationSettings.Oidc oidc ->
          new AuthenticationMethod.Issuer(oidc.issuer().toString());
      case AuthenticationSettings.Cognito cognito ->
          // The pool of the stack has no address yet; no other issuer and no rule can have this
          // one.
          new AuthenticationMethod.Issuer(
              cognito.effectiveIssuer().map(Object::toString).orElse("the stack's user pool"));
      case AuthenticationSettings.Password password -> new AuthenticationMethod.Passwords();
      case AuthenticationSettings.Open open -> new AuthenticationMethod.Open();
    };
  }

  private void report(
      List<PolicyProblem> problems,
      List<Numbered<RuleDraft>> rules,
      BiFunction<String, String, ConfigurationProblem> at) {
    List<ConfigurationProblem> reported =
        problems.stream()
            .filter(problem -> !isConsequence(problem, rules))
            .map(
                problem ->
                    at.apply(PolicyShapes.placeInFile(problem.path(), rules), problem.message()))
            .toList();
    reported.forEach(findings::add);
  }

  /** Whether a problem only follows from a part that was omitted because it could not be read. */
  private boolean isConsequence(PolicyProblem problem, List<Numbered<RuleDraft>> rules) {
    String path = PolicyShapes.placeInFile(problem.path(), rules);
    if (findings.holdErrorsAt(path)) {
      return true;
    }
    boolean callersAreUnclear =
        findings.holdErrorsWithin("authentication")
            || rules.stream()
                .anyMatch(rule -> findings.holdErrorsWithin("rules[" + rule.index() + "].when"));
    if (callersAreUnclear && dependsOnCallers(path)) {
      return true;
    }
    return PolicyShapes.isEmptied(problem.path(), rules) && findings.holdErrorsWithin(path);
  }

  /** Whether the problem is about the callers of a rule; warnings then point to the rule itself. */
  private static boolean dependsOnCallers(String path) {
    return path.equals("authentication")
        || path.matches("rules\\[[0-9]+]")
        || path.endsWith(".token-id")
        || path.endsWith(".when");
  }
}
