package tokenvending.configuration;

import static tokenvending.configuration.Key.optional;
import static tokenvending.configuration.Key.required;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tokenvending.configuration.Shape.Numbered;
import tokenvending.permission.CacheRole;
import tokenvending.permission.FunctionRole;
import tokenvending.permission.Role;
import tokenvending.permission.TopicRole;
import tokenvending.policy.ConditionDocument;
import tokenvending.policy.PermissionDocument;
import tokenvending.policy.Reuse;
import tokenvending.policy.RuleDocument;
import tokenvending.policy.SelectorDocument;
import tokenvending.request.DeclaredParameters;
import tokenvending.request.Parameter;

/** The keys under {@code parameters} and {@code rules}. */
final class PolicyShapes {
  private static final Pattern RULE_PATH =
      Pattern.compile(
          "rules\\[(?<rule>[0-9]+)](\\.permissions\\[(?<permission>[0-9]+)])?(?<rest>.*)",
          Pattern.DOTALL);

  private static final Key<SelectorDocument> NAME =
      optional(
          "name",
          Texts.plainName("a name").map(SelectorDocument.Exact::new),
          "The exact name. Required for the name \"all\" and for names with a *.");
  private static final Key<SelectorDocument> PREFIX =
      optional(
          "prefix",
          starless("a prefix", "prefix").map(SelectorDocument.Prefix::new),
          "Every name that begins with this text.");

  static final Shape<DeclaredParameters> PARAMETERS = parameters();
  static final Shape<List<Numbered<RuleDraft>>> RULES =
      Shape.numberedList(rule(), 0, Shape.LONGEST_LIST);

  private PolicyShapes() {}

  /**
   * A rule and the indexes of its permissions. Unreadable permissions are omitted, and the file is
   * then rejected.
   */
  record RuleDraft(RuleDocument rule, List<Integer> permissionIndexes) {}

  private record ParameterDraft(int maxLength, boolean required) {}

  private static Shape<DeclaredParameters> parameters() {
    Key<Integer> maxLength =
        required(
            "max-length",
            Shape.number(1, Parameter.LENGTH_LIMIT),
            "The longest value, in UTF-16 units.");
    Key<Boolean> mandatory =
        optional("required", Shape.truth(), "Whether a request must have it. Default: true.");
    Shape<ParameterDraft> one =
        Shape.section(
                List.of(maxLength, mandatory),
                fields ->
                    new ParameterDraft(
                        fields.of(maxLength).orElseThrow(), fields.of(mandatory).orElse(true)))
            // So that a template that uses it is not reported as well.
            .orStandIn(new ParameterDraft(1, true));
    return Shape.named("the name of a parameter", 0, PolicyShapes::parameterName, one)
        .map(
            drafts ->
                new DeclaredParameters(
                    drafts.entrySet().stream()
                        .map(
                            draft ->
                                new Parameter(
                                    draft.getKey(),
                                    draft.getValue().maxLength(),
                                    draft.getValue().required()))
                        .toList()));
  }

  private static Optional<String> parameterName(String name, Consumer<String> problem) {
    if (Parameter.RESERVED.contains(name)) {
      problem.accept("this name has a fixed meaning in every request: choose another");
      return Optional.empty();
    }
    if (!Parameter.isName(name)) {
      problem.accept("expected a letter, then letters, digits, '_' or '-', at most 64");
      return Optional.empty();
    }
    return Optional.of(name);
  }

  private static Shape<RuleDraft> rule() {
    Key<String> id =
        required(
            "id",
            Texts.plainName("a name for the rule"),
            "The rule's id in the audit log and in metrics.");
    Key<ConditionDocument> when =
        optional(
            "when",
            condition(),
            "Conditions on the caller. All must hold. Default: every caller matches.");
    Key<Duration> ttl =
        optional("ttl", Texts.ttl(), "The lifetime of a token: 1s to 25h. Default: token.ttl.");
    Key<String> tokenId =
        optional(
            "token-id",
            Shape.name("a text, such as \"${subject}\"", PolicyShapes::tokenId),
            "The name that subscribers see on messages that the token's holder publishes.");
    Key<Reuse> reuse =
        optional(
            "reuse",
            Shape.choice(List.of(Reuse.values()), Reuse::word),
            "Who can get a token that was vended before. Default: never.");
    Key<List<Numbered<PermissionDocument>>> permissions =
        required(
            "permissions",
            Shape.numberedList(permission(), 0, Shape.LONGEST_LIST),
            "What the token can do. At most 20 permissions.");
    return Shape.tolerantSection(
        List.of(id, when, ttl, tokenId, reuse, permissions),
        fields -> {
          List<Numbered<PermissionDocument>> readable = fields.of(permissions).orElse(List.of());
          RuleDocument rule =
              new RuleDocument(
                  fields.of(id).orElse(""),
                  fields.of(when).orElse(ConditionDocument.everyone()),
                  fields.of(ttl),
                  fields.of(tokenId),
                  fields.of(reuse).orElse(Reuse.NEVER),
                  readable.stream().map(Numbered::value).toList());
          return Optional.of(new RuleDraft(rule, readable.stream().map(Numbered::index).toList()));
        });
  }

  private static Shape<ConditionDocument> condition() {
    Key<List<String>> groups =
        optional(
            "groups",
            Shape.oneOrMore(Texts.plainName("the name of a group")),
            "The caller must be in one of these groups.");
    Key<Map<String, List<String>>> claims =
        optional(
            "claims",
            Shape.named(
                "the name of a claim",
                1,
                Texts::plain,
                Shape.oneOrMore(Texts.plainName("a value of the claim"))),
            "Each of these claims must have, or contain, one of the values.");
    return Shape.tolerantSection(
        List.of(groups, claims),
        fields -> {
          if (fields.isEmpty()) {
            fields.errorHere(
                "no condition, so every caller would match: remove `when` if that is meant");
          }
          warnOfStars(fields, groups, fields.of(groups).orElse(List.of()));
          fields
              .of(claims)
              .ifPresent(
                  named -> named.values().forEach(values -> warnOfStars(fields, claims, values)));
          return Optional.of(
              new ConditionDocument(
                  fields.of(groups).orElse(List.of()), fields.of(claims).orElse(Map.of())));
        });
  }

  static void warnOfStars(Fields fields, Key<?> key, List<String> values) {
    for (String value : values) {
      if (value.contains("*")) {
        fields.warning(
            key, "a condition has no wildcards: it matches only exactly \"%s\"".formatted(value));
      }
    }
  }

  private static Optional<String> tokenId(String text, Consumer<String> problem) {
    if (text.contains("*")) {
      problem.accept("a token id has no wildcards: expected a text, such as \"${subject}\"");
      return Optional.empty();
    }
    return Texts.plain(text, problem);
  }

  /**
   * A text without {@code *}, which other systems use as a wildcard; <code>{name: …}</code> allows
   * one.
   *
   * @param prefixKey the key to use for a prefix
   */
  private static Shape<String> starless(String expected, String prefixKey) {
    Key<String> name =
        optional(
            "name", Texts.plainName(expected), "Exactly this text. Required for a text with a *.");
    Shape<String> text =
        Shape.name(
            expected,
            (written, problem) -> {
              if (written.contains("*")) {
                problem.accept(starProblem(written, Optional.of(prefixKey)));
                return Optional.empty();
              }
              return Texts.plain(written, problem);
            });
    return Shape.textOrSection(text, Shape.oneKey(List.of(name))).called(expected);
  }

  /** Describes what to write instead of a text with a {@code *}. */
  private static String starProblem(String written, Optional<String> prefixKey) {
    String beginning = written.substring(0, written.indexOf('*'));
    String forAll =
        prefixKey.isPresent() && !beginning.isEmpty()
            ? "{%s: \"%s\"} for every name that begins with this text"
                .formatted(prefixKey.get(), beginning)
            : "all, without quotes, for everything";
    return "* is not a wildcard: write %s, or {name: \"%s\"} for exactly this text"
        .formatted(forAll, written);
  }

  private static Shape<SelectorDocument> selector(
      String what, Optional<String> prefixKey, List<Key<? extends SelectorDocument>> forms) {
    Shape<SelectorDocument> word =
        Shape.bareOrQuoted(
            "all, or the name of " + what,
            (text, plain, problem) -> {
              if (plain && text.equals("all")) {
                return Optional.of(new SelectorDocument.All());
              }
              if (text.equals("all")) {
                problem.accept(
                    "ambiguous: write all without quotes for everything, or {name: \"all\"} for one"
                        + " of that name");
                return Optional.empty();
              }
              if (text.contains("*")) {
                problem.accept(starProblem(text, prefixKey));
                return Optional.empty();
              }
              return Texts.plain(text, problem).map(SelectorDocument.Exact::new);
            });
    return Shape.textOrSection(word, Shape.oneKey(forms));
  }

  private static Shape<SelectorDocument> item() {
    Key<SelectorDocument> key =
        optional(
            "key",
            starless("a key", "key-prefix").map(SelectorDocument.Exact::new),
            "The item with this key.");
    Key<SelectorDocument> prefix =
        optional(
            "key-prefix",
            starless("a prefix", "key-prefix").map(SelectorDocument.Prefix::new),
            "Items whose key begins with this text.");
    Shape<SelectorDocument> all =
        Shape.word(
            "all, {key: …} or {key-prefix: …}",
            Map.of("const", "all"),
            (text, problem) -> {
              if (!text.equals("all")) {
                problem.accept("expected all, {key: …} or {key-prefix: …}");
                return Optional.empty();
              }
              return Optional.of(new SelectorDocument.All());
            });
    return Shape.textOrSection(all, Shape.oneKey(List.of(key, prefix)));
  }

  private static Shape<PermissionDocument> permission() {
    List<Role> roles =
        Stream.of(CacheRole.values(), TopicRole.values(), FunctionRole.values())
            .<Role>flatMap(Stream::of)
            .toList();
    Key<Role> role =
        required(
            "role",
            Shape.choice(roles, Role::word),
            "ReadWrite, ReadOnly, WriteOnly (items); PublishSubscribe, SubscribeOnly, PublishOnly"
                + " (topics); Invoke (functions).");
    Key<SelectorDocument> cache =
        required(
            "cache",
            // Prefixes are parsed here, so that the policy can report that Momento has none.
            selector("a cache", Optional.empty(), List.of(NAME, PREFIX)),
            "The name of a cache, or all.");
    Key<SelectorDocument> item =
        optional(
            "item",
            item(),
            "Which items: all, {key: …} or {key-prefix: …}. Without it, the permission is for all"
                + " items, and check prints a warning.");
    Key<SelectorDocument> topic =
        optional(
            "topic",
            selector("a topic", Optional.of("prefix"), List.of(NAME, PREFIX)),
            "The name of a topic, {prefix: …} or all. The permission is for topics then.");
    Key<SelectorDocument> function =
        optional(
            "function",
            selector("a function", Optional.of("prefix"), List.of(NAME, PREFIX)),
            "The name of a function, {prefix: …} or all. The permission is for functions then.");
    List<Key<SelectorDocument>> targets = List.of(item, topic, function);
    return Shape.tolerantSection(
        List.of(role, cache, item, topic, function),
        fields -> {
          Optional<Role> what = fields.of(role);
          if (what.isEmpty()) {
            return Optional.empty();
          }
          Key<SelectorDocument> target =
              switch (what.get()) {
                case CacheRole items -> item;
                case TopicRole topics -> topic;
                case FunctionRole functions -> function;
              };
          for (Key<SelectorDocument> other : targets) {
            if (!other.name().equals(target.name()) && fields.isWritten(other)) {
              fields.error(
                  other,
                  "the role %s is for %ss: expected a role such as %s, or remove this key"
                      .formatted(what.get().word(), target.name(), exampleOf(other.name())));
            }
          }
          Optional<SelectorDocument> selected = fields.of(target);
          if (!fields.isWritten(target)) {
            if (target.name().equals(item.name())) {
              fields.warning(
                  role,
                  "without `item:`, the permission is for all items of the cache: write item: all,"
                      + " {key: …} or {key-prefix: …}");
              selected = Optional.of(new SelectorDocument.All());
            } else {
              fields.error(target, "missing: expected " + target.shape().expected());
            }
          }
          return fields.of(cache).isPresent() && selected.isPresent()
              ? Optional.of(
                  new PermissionDocument(what.get(), fields.of(cache).get(), selected.get()))
              : Optional.empty();
        });
  }

  private static String exampleOf(String target) {
    return switch (target) {
      case "item" -> "ReadWrite";
      case "topic" -> "PublishSubscribe";
      default -> "Invoke";
    };
  }

  /** Converts a path in the policy document to a path in the file. */
  static String placeInFile(String path, List<Numbered<RuleDraft>> rules) {
    Matcher matcher = RULE_PATH.matcher(path);
    if (!matcher.matches()) {
      return path;
    }
    Numbered<RuleDraft> rule = rules.get(Integer.parseInt(matcher.group("rule")));
    StringBuilder place = new StringBuilder("rules[").append(rule.index()).append(']');
    if (matcher.group("permission") != null) {
      int index = Integer.parseInt(matcher.group("permission"));
      place.append(".permissions[").append(rule.value().permissionIndexes().get(index)).append(']');
    }
    return place.append(matcher.group("rest")).toString();
  }

  /** Whether a path in the policy document is that of an empty list. */
  static boolean isEmptied(String path, List<Numbered<RuleDraft>> rules) {
    Matcher matcher = RULE_PATH.matcher(path);
    if (!matcher.matches()) {
      return path.equals("rules") && rules.isEmpty();
    }
    int rule = Integer.parseInt(matcher.group("rule"));
    return matcher.group("permission") == null
        && matcher.group("rest").equals(".permissions")
        && rules.get(rule).value().rule().permissions().isEmpty();
  }
}
