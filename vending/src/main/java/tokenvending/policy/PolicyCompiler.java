package tokenvending.policy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tokenvending.permission.CacheRole;
import tokenvending.permission.FunctionRole;
import tokenvending.permission.PermissionSet;
import tokenvending.permission.Role;
import tokenvending.permission.TopicRole;

/**
 * Checks the worst case of each rule of a document, and compiles the policy if there is no error.
 */
final class PolicyCompiler {
  private static final Pattern RULE_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}");
  private static final Template SUBJECT = soundTemplate("${subject}");

  private final PolicyDocument document;
  private final List<PolicyProblem> errors = new ArrayList<>();
  private final List<PolicyProblem> warnings = new ArrayList<>();

  PolicyCompiler(PolicyDocument document) {
    this.document = document;
  }

  /** A compiled rule and its index. */
  private record Compiled(
      int at, RuleDocument source, TokenIdRule tokenId, List<PermissionTemplate> permissions) {
    String path() {
      return "rules[" + at + "]";
    }
  }

  Compilation compile() {
    if (document.methods().isEmpty()) {
      error(
          "authentication",
          "no authentication method: add one, or `open: {}` to accept every caller");
    }
    if (document.rules().isEmpty()) {
      error("rules", "no rule, so no caller can get a token: add at least one");
    }
    checkTtl("token.ttl", document.ttl());
    List<Rule> rules = new ArrayList<>();
    List<Compiled> compiled = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < document.rules().size(); i++) {
      RuleDocument rule = document.rules().get(i);
      String path = "rules[" + i + "]";
      checkId(path, rule, ids);
      rule.ttl().ifPresent(ttl -> checkTtl(path + ".ttl", ttl));
      List<PermissionTemplate> permissions = permissions(i, path, rule);
      TokenIdRule tokenId = tokenId(i, path, rule);
      checkReuse(path, rule, permissions);
      compiled.add(new Compiled(i, rule, tokenId, permissions));
      if (errors.isEmpty()) {
        rules.add(
            new Rule(
                rule.id(),
                rule.when(),
                rule.ttl().orElse(document.ttl()),
                rule.reuse(),
                tokenId,
                permissions));
      }
    }
    checkTokenIdsDiffer(compiled);
    checkEveryRuleCanBeReached(compiled);
    if (errors.isEmpty()) {
      warnOfSharedSubjects(compiled);
    }
    return errors.isEmpty()
        ? new Compilation.Compiled(
            new Policy(rules, document.parameters(), document.withinSession()), warnings)
        : new Compilation.Rejected(errors, warnings);
  }

  private void checkId(String path, RuleDocument rule, Set<String> ids) {
    if (!RULE_ID.matcher(rule.id()).matches()) {
      error(path + ".id", "expected 1 to 64 letters, digits, '_', '.' or '-'");
    } else if (!ids.add(rule.id())) {
      error(path + ".id", "another rule has the id " + rule.id() + ": choose a different one");
    }
  }

  private void checkTtl(String path, Duration ttl) {
    boolean inRange =
        ttl.compareTo(Policy.SHORTEST_TTL) >= 0 && ttl.compareTo(Policy.LONGEST_TTL) <= 0;
    if (!inRange || !ttl.equals(Duration.ofSeconds(ttl.toSeconds()))) {
      error(path, "expected whole seconds from 1s to 25h, Momento's limit");
    }
  }

  private List<PermissionTemplate> permissions(int at, String path, RuleDocument rule) {
    List<PermissionDocument> written = rule.permissions();
    if (written.isEmpty()) {
      error(path + ".permissions", "expected at least one permission");
    }
    if (written.size() > PermissionSet.LIMIT) {
      error(
          path + ".permissions",
          "%d permissions: expected at most %d, Momento's limit for one token"
              .formatted(written.size(), PermissionSet.LIMIT));
    }
    List<PermissionTemplate> templates = new ArrayList<>();
    for (int i = 0; i < written.size(); i++) {
      String place = path + ".permissions[" + i + "]";
      Optional<PermissionTemplate> template = permission(at, place, written.get(i));
      if (template.isEmpty()) {
        continue;
      }
      if (templates.stream().anyMatch(template.get()::mayCoincide)) {
        error(
            place,
            "an earlier permission of this rule selects the same resources, at least for some"
                + " callers, and Momento allows one permission for each resource: combine the two,"
                + " or use different prefixes");
      }
      templates.add(template.get());
    }
    return templates;
  }

  private Optional<PermissionTemplate> permission(
      int at, String place, PermissionDocument written) {
    if (written.cache() instanceof SelectorDocument.Prefix) {
      error(place + ".cache", "Momento has no prefixes of caches: expected a name or all");
      return Optional.empty();
    }
    Optional<PermissionTemplate.Selector> cache = selector(at, place + ".cache", written.cache());
    Optional<PermissionTemplate.Selector> target =
        selector(at, place + "." + targetWord(written.role()), written.target());
    return cache.isPresent() && target.isPresent()
        ? Optional.of(new PermissionTemplate(written.role(), cache.get(), target.get()))
        : Optional.empty();
  }

  private static String targetWord(Role role) {
    return switch (role) {
      case CacheRole item -> "item";
      case TopicRole topic -> "topic";
      case FunctionRole function -> "function";
    };
  }

  private Optional<PermissionTemplate.Selector> selector(
      int at, String path, SelectorDocument written) {
    return switch (written) {
      case SelectorDocument.All() -> Optional.of(new PermissionTemplate.Selector.All());
      case SelectorDocument.Exact(String text) ->
          template(at, path, text, false).map(PermissionTemplate.Selector.Exact::new);
      case SelectorDocument.Prefix(String text) ->
          template(at, path, text, true).map(PermissionTemplate.Selector.Prefix::new);
    };
  }

  private Optional<Template> template(int at, String path, String text, boolean prefix) {
    Optional<Template> template = Template.parse(text, prefix, problem -> error(path, problem));
    if (template.isEmpty()) {
      return template;
    }
    checkDeclared(path, template.get());
    warnOfAnonymous(at, path, template.get());
    for (String name : template.get().requestNames()) {
      warn(
          path,
          "${request.%s} is chosen by the caller: every caller of this rule can send any value, so it must not be all that separates the data of two callers"
              .formatted(name));
    }
    return template;
  }

  private void warnOfAnonymous(int at, String path, Template template) {
    if (template.isVerified() && isReachable(at, false)) {
      warn(
          path,
          "callers of `open` have no subject and no claims, so this rule denies them: add a rule"
              + " for them, and add `claims: { iss: … }` to the `when` of this one");
    }
  }

  private void checkDeclared(String path, Template template) {
    for (String name : template.requestNames()) {
      if (document.parameters().named(name).isEmpty()) {
        error(path, "${request.%s} is not declared: add it to `parameters`".formatted(name));
      }
    }
  }

  /**
   * Whether a rule can decide about callers of an authentication method, as far as the file shows.
   */
  private boolean isReachable(int at, AuthenticationMethod method) {
    return mayMatch(document.rules().get(at), method)
        && document.rules().subList(0, at).stream().noneMatch(rule -> takesAll(rule, method));
  }

  private boolean isReachable(int at, boolean identified) {
    return document.methods().stream()
        .filter(method -> identified != (method instanceof AuthenticationMethod.Open))
        .anyMatch(method -> isReachable(at, method));
  }

  private static boolean mayMatch(RuleDocument rule, AuthenticationMethod method) {
    return switch (method) {
      case AuthenticationMethod.Open() -> rule.when().asksNothing();
      case AuthenticationMethod.Issuer(String issuer) -> issuerMayMatch(rule, issuer);
      case AuthenticationMethod.Passwords() ->
          issuerMayMatch(rule, AuthenticationMethod.Passwords.ISSUER)
              && Set.of("iss", "sub").containsAll(rule.when().claims().keySet());
    };
  }

  /**
   * Whether every caller of an authentication method matches, so that later rules are unreachable.
   */
  private static boolean takesAll(RuleDocument rule, AuthenticationMethod method) {
    return rule.when().groups().isEmpty()
        && Set.of("iss").containsAll(rule.when().claims().keySet())
        && mayMatch(rule, method);
  }

  private static boolean issuerMayMatch(RuleDocument rule, String issuer) {
    List<String> wanted = rule.when().claims().get("iss");
    return wanted == null || wanted.contains(issuer);
  }

  private TokenIdRule tokenId(int at, String path, RuleDocument rule) {
    if (rule.tokenId().isEmpty()) {
      // A token shared by all callers identifies no caller.
      return rule.reuse() == Reuse.EVERYONE
          ? new TokenIdRule(Optional.empty(), Optional.empty())
          : new TokenIdRule(Optional.of(SUBJECT), Optional.empty());
    }
    String place = path + ".token-id";
    Optional<Template> parsed =
        Template.parse(rule.tokenId().get(), false, problem -> error(place, problem));
    if (parsed.isEmpty()) {
      return new TokenIdRule(Optional.empty(), Optional.empty());
    }
    Template template = parsed.get();
    checkDeclared(place, template);
    warnOfAnonymous(at, place, template);
    boolean callersWord = !template.requestNames().isEmpty();
    if (callersWord && template.isVerified()) {
      error(
          place,
          "mixes a value that the caller chooses (${request.…}) with verified ones, so the token id"
              + " could not be trusted: use one kind");
    } else if (callersWord && isReachable(at, true) && !isReachable(at, false)) {
      error(
          place,
          "${request.…} is chosen by the caller, but every caller of this rule is identified:"
              + " write \"${subject}\"");
    } else if (!callersWord && !template.holdsSubject() && isReachable(at, true)) {
      error(
          place,
          "without ${subject}, two identified callers could get the same token id: write \"%s/${subject}\""
              .formatted(template.source()));
    }
    return callersWord
        ? new TokenIdRule(Optional.of(SUBJECT), parsed)
        : new TokenIdRule(parsed, parsed);
  }

  private void checkReuse(String path, RuleDocument rule, List<PermissionTemplate> permissions) {
    if (rule.reuse() != Reuse.EVERYONE) {
      return;
    }
    if (rule.tokenId().isPresent()) {
      error(path + ".reuse", "`reuse: everyone` does not allow a token id: remove token-id");
    }
    if (!permissions.stream().allMatch(PermissionTemplate::isConstant)) {
      error(
          path + ".reuse",
          "`reuse: everyone` does not allow values of a caller (${…}): remove them, or write"
              + " `reuse: caller`");
    }
  }

  /**
   * Checks that two different callers never have the same token id, because subscribers take it for
   * a name.
   */
  private void checkTokenIdsDiffer(List<Compiled> rules) {
    List<IdSource> sources = new ArrayList<>();
    for (Compiled rule : rules) {
      for (AuthenticationMethod method : document.methods()) {
        Optional<Template> template =
            method instanceof AuthenticationMethod.Open
                ? rule.tokenId().anonymous()
                : rule.tokenId().identified();
        boolean nameless =
            method instanceof AuthenticationMethod.Open
                && template.filter(Template::isVerified).isPresent();
        if (template.isPresent() && !nameless && isReachable(rule.at(), method)) {
          sources.add(new IdSource(rule, method, template.get()));
        }
      }
    }
    Set<String> reported = new HashSet<>();
    for (int i = 0; i < sources.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (sources.get(i).mayCollideWith(sources.get(j))) {
          Compiled rule = sources.get(i).rule();
          if (reported.add(rule.path())) {
            error(rule.path() + ".token-id", collision(sources.get(i), sources.get(j)));
          }
        }
      }
    }
  }

  /** A combination of rule and authentication method that produces token ids. */
  private record IdSource(Compiled rule, AuthenticationMethod method, Template template) {
    boolean mayCollideWith(IdSource other) {
      if (method instanceof AuthenticationMethod.Open
          && other.method instanceof AuthenticationMethod.Open) {
        // Anonymous callers choose freely, and cannot be distinguished.
        return false;
      }
      if (method.equals(other.method) && template.source().equals(other.template.source())) {
        // The same caller has the same id under both rules; another caller has another id.
        return false;
      }
      return template.mayCoincide(other.template);
    }
  }

  private static String collision(IdSource one, IdSource other) {
    boolean open =
        one.method() instanceof AuthenticationMethod.Open
            || other.method() instanceof AuthenticationMethod.Open;
    return ("a caller of %s and one of %s (rule %s) could get the same token id: add a rule for"
            + " each authentication method (`when: { claims: { iss: … } }`%s), and begin each"
            + " token-id with a different prefix, such as \"acme/${subject}\" and %s")
        .formatted(
            describe(one.method()),
            describe(other.method()),
            other.rule().source().id(),
            open ? ", the one for `open` last" : "",
            open ? "\"guest/${request.name}\"" : "\"users/${subject}\"");
  }

  private static String describe(AuthenticationMethod method) {
    return switch (method) {
      case AuthenticationMethod.Open() -> "open";
      case AuthenticationMethod.Issuer(String issuer) -> issuer;
      case AuthenticationMethod.Passwords() -> "password";
    };
  }

  /** Warns that two issuers can each have the subject "ann" without meaning the same person. */
  private void warnOfSharedSubjects(List<Compiled> rules) {
    List<Own> seen = new ArrayList<>();
    Set<String> reported = new HashSet<>();
    for (Compiled rule : rules) {
      for (AuthenticationMethod method : document.methods()) {
        if (method instanceof AuthenticationMethod.Open || !isReachable(rule.at(), method)) {
          continue;
        }
        for (int i = 0; i < rule.permissions().size(); i++) {
          String path = rule.path() + ".permissions[" + i + "]";
          Own own = new Own(path, method, rule.permissions().get(i));
          Optional<Own> other = seen.stream().filter(own::isAlsoOf).findFirst();
          if (other.isPresent() && reported.add(own.path())) {
            warn(
                own.path(),
                "a caller of %s and one of %s (%s) with the same subject can access the same resources:"
                        .formatted(
                            describe(method), describe(other.get().method()), other.get().path())
                    + " if they are not the same person, add a rule for each authentication method,"
                    + " and begin the names with different prefixes, such as \"acme-${subject}\"");
          }
          if (own.permission().holdsSubject()) {
            seen.add(own);
          }
        }
      }
    }
  }

  /** A resource that belongs to one caller of an authentication method. */
  private record Own(String path, AuthenticationMethod method, PermissionTemplate permission) {
    boolean isAlsoOf(Own other) {
      return permission.holdsSubject()
          && !method.equals(other.method)
          && !(permission.holdsIssuer() && permission.words().equals(other.permission.words()))
          && permission.mayCoincide(other.permission);
    }
  }

  private void checkEveryRuleCanBeReached(List<Compiled> rules) {
    for (Compiled rule : rules) {
      List<AuthenticationMethod> matching =
          document.methods().stream().filter(method -> mayMatch(rule.source(), method)).toList();
      if (matching.isEmpty() && !document.methods().isEmpty()) {
        warn(rule.path() + ".when", "never matches: no authentication method has such callers");
      } else if (!matching.isEmpty()
          && matching.stream().noneMatch(method -> isReachable(rule.at(), method))) {
        warn(
            rule.path(),
            "never matches: " + takers(rule.at(), matching) + " matches its callers first");
      }
      for (Map.Entry<String, List<String>> claim : rule.source().when().claims().entrySet()) {
        String place = rule.path() + ".when.claims." + claim.getKey();
        if (claim.getValue().isEmpty()) {
          error(place, "an empty list matches nothing: add at least one value");
        }
        checkPlain(place, claim.getValue());
      }
      checkPlain(rule.path() + ".when.groups", rule.source().when().groups());
    }
  }

  private String takers(int at, List<AuthenticationMethod> methods) {
    return document.rules().subList(0, at).stream()
        .filter(rule -> methods.stream().anyMatch(method -> takesAll(rule, method)))
        .map(RuleDocument::id)
        .collect(Collectors.joining(", ", "rule ", ""));
  }

  private void checkPlain(String path, List<String> values) {
    if (values.stream().anyMatch(value -> value.contains("${"))) {
      error(path, "${…} is not allowed in a condition: write the value");
    }
  }

  private void error(String path, String message) {
    errors.add(new PolicyProblem(path, message));
  }

  private void warn(String path, String message) {
    warnings.add(new PolicyProblem(path, message));
  }

  private static Template soundTemplate(String source) {
    Consumer<String> never =
        problem -> {
          throw new AssertionError(problem);
        };
    return Template.parse(source, false, never).orElseThrow();
  }
}
