package tokenvending.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.Normalizer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import tokenvending.identity.Claim;
import tokenvending.identity.Principal;
import tokenvending.permission.CachePermission;
import tokenvending.permission.CacheSelector;
import tokenvending.permission.FunctionPermission;
import tokenvending.permission.Permission;
import tokenvending.permission.PermissionSet;
import tokenvending.permission.ResourceSelector;
import tokenvending.permission.TopicPermission;
import tokenvending.policy.ConditionDocument;
import tokenvending.policy.PermissionDocument;
import tokenvending.policy.PolicyDocument;
import tokenvending.policy.Reuse;
import tokenvending.policy.RuleDocument;
import tokenvending.policy.SelectorDocument;
import tokenvending.request.VendRequest;

/**
 * Evaluates a document as the configuration reference describes it, in a slow and simple way. It
 * reads the same records as the product and shares no other code, so that a mistake would have to
 * be made twice.
 */
public final class NaiveEvaluator {
  /** A name that is never generated; it represents all names outside the document. */
  public static final String FRESH = "\uD83E\uDDFF";

  private static final Pattern UNSEEN =
      Pattern.compile(
          "[\\p{C}\\p{Zl}\\p{Zp}]|(?! )\\p{Zs}|[\\x{34F}\\x{115F}\\x{1160}\\x{17B4}\\x{17B5}"
              + "\\x{180B}-\\x{180F}\\x{2800}\\x{3164}\\x{FE00}-\\x{FE0F}\\x{FFA0}\\x{FFFC}\\x{FFFD}"
              + "\\x{13441}-\\x{13446}\\x{16FE4}\\x{1D159}\\x{E0000}-\\x{E0FFF}]");

  /** Texts that can be confused with another; of all scripts, only those in tests. */
  private static final Pattern MISTAKABLE =
      Pattern.compile(
          "^ | $| {2}|(?<![\\p{L}\\p{M}\\p{Nd}])\\p{M}"
              + "|\\p{IsLatin}.*[\\p{IsCyrillic}\\p{IsGreek}]|[\\p{IsCyrillic}\\p{IsGreek}].*\\p{IsLatin}");

  private NaiveEvaluator() {}

  /** One statement. {@code how} is all, exact or prefix. */
  public record Statement(
      String kind, Set<String> rights, boolean allCaches, String cache, String how, String name) {
    public boolean allows(Call call) {
      boolean named =
          how.equals("all")
              || (how.equals("exact") && call.name.equals(name))
              || (how.equals("prefix") && call.name.indexOf(name) == 0);
      return kind.equals(call.kind)
          && rights.containsAll(call.rights)
          && (allCaches || cache.equals(call.cache))
          && named;
    }
  }

  /** A use of a token; one statement must grant all of its rights. */
  public record Call(String kind, Set<String> rights, String cache, String name) {}

  /** What the caller is granted. */
  public record Verdict(
      String rule, List<Statement> statements, Duration ttl, Optional<String> id) {}

  /** The request is denied. */
  private static final class No extends RuntimeException {
    private static final long serialVersionUID = 1L;

    No(String why) {
      super(why, null, false, false);
    }
  }

  public static Optional<Verdict> decide(
      PolicyDocument document, Principal caller, VendRequest request, Instant now) {
    try {
      for (RuleDocument rule : document.rules()) {
        if (matches(rule.when(), caller)) {
          return Optional.of(verdict(document, rule, caller, request, now));
        }
      }
      return Optional.empty();
    } catch (No no) {
      return Optional.empty();
    }
  }

  private static boolean matches(ConditionDocument when, Principal caller) {
    boolean inGroup = when.groups().isEmpty();
    for (String group : when.groups()) {
      inGroup |= caller.groups().contains(group);
    }
    boolean claimsHold = true;
    for (Map.Entry<String, List<String>> wanted : when.claims().entrySet()) {
      boolean holds = false;
      for (String have : claim(caller, wanted.getKey())) {
        holds |= wanted.getValue().contains(have);
      }
      claimsHold &= holds;
    }
    return inGroup && claimsHold;
  }

  private static List<String> claim(Principal caller, String name) {
    if (caller.subject().isEmpty()) {
      return List.of();
    }
    if (name.equals("iss")) {
      return List.of(caller.issuer());
    }
    if (name.equals("sub")) {
      return List.of(caller.subject().get());
    }
    return switch (caller.claim(name).orElse(new Claim.Many(List.of()))) {
      case Claim.One(String value) -> List.of(value);
      case Claim.Many(List<String> values) -> values;
      case Claim.Members _, Claim.Unreadable _ -> List.of();
    };
  }

  private static Verdict verdict(
      PolicyDocument document,
      RuleDocument rule,
      Principal caller,
      VendRequest request,
      Instant now) {
    List<Statement> statements = new ArrayList<>();
    for (PermissionDocument permission : rule.permissions()) {
      statements.add(statement(permission, caller, request.parameters()));
    }
    if (request.narrower().isPresent()) {
      List<Statement> asked = statements(request.narrower().get());
      for (Call call : witnesses(asked)) {
        if (allows(asked, call) && !allows(statements, call)) {
          throw new No("more than granted");
        }
      }
      statements = asked;
    }
    long most = rule.ttl().orElse(document.ttl()).toSeconds();
    if (document.withinSession() && caller.sessionEnd().isPresent()) {
      long left =
          Math.floorDiv(caller.sessionEnd().get().toEpochMilli() - now.toEpochMilli(), 1000);
      most = Math.min(most, left);
    }
    if (most < 1) {
      throw new No("credential expired");
    }
    long ttl = request.ttl().map(Duration::toSeconds).orElse(most);
    if (ttl > most) {
      throw new No("longer than granted");
    }
    return new Verdict(
        rule.id(), statements, Duration.ofSeconds(ttl), id(rule, caller, request.parameters()));
  }

  private static Statement statement(
      PermissionDocument permission, Principal caller, Map<String, String> parameters) {
    String word = permission.role().word();
    boolean allCaches = permission.cache() instanceof SelectorDocument.All;
    String cache =
        permission.cache() instanceof SelectorDocument.Exact(String name)
            ? expand(name, false, caller, parameters)
            : "";
    return switch (permission.target()) {
      case SelectorDocument.All() ->
          new Statement(kind(word), rights(word), allCaches, cache, "all", "");
      case SelectorDocument.Exact(String name) ->
          new Statement(
              kind(word),
              rights(word),
              allCaches,
              cache,
              "exact",
              expand(name, false, caller, parameters));
      case SelectorDocument.Prefix(String prefix) ->
          new Statement(
              kind(word),
              rights(word),
              allCaches,
              cache,
              "prefix",
              expand(prefix, true, caller, parameters));
    };
  }

  private static String kind(String role) {
    if (role.equals("Invoke")) {
      return "function";
    }
    return role.startsWith("Read") || role.equals("WriteOnly") ? "item" : "topic";
  }

  private static Set<String> rights(String role) {
    return switch (role) {
      case "ReadWrite" -> Set.of("read", "write");
      case "ReadOnly" -> Set.of("read");
      case "WriteOnly" -> Set.of("write");
      case "PublishSubscribe" -> Set.of("publish", "subscribe");
      case "SubscribeOnly" -> Set.of("subscribe");
      case "PublishOnly" -> Set.of("publish");
      case "Invoke" -> Set.of("invoke");
      default -> throw new AssertionError(role);
    };
  }

  /** Expands the template from left to right, once. */
  private static String expand(
      String template, boolean prefix, Principal caller, Map<String, String> parameters) {
    return expand(template, prefix, false, caller, parameters);
  }

  private static String expand(
      String template,
      boolean prefix,
      boolean identifies,
      Principal caller,
      Map<String, String> parameters) {
    String done = "";
    String rest = template;
    while (rest.contains("${")) {
      int open = rest.indexOf("${");
      int close = rest.indexOf('}', open);
      String name = rest.substring(open + 2, close);
      String after = rest.substring(close + 1);
      String value = value(name, caller, parameters).orElseThrow(() -> new No("missing"));
      boolean unprintable =
          identifies
              ? value.codePoints().anyMatch(c -> c >= 0xD800 && c <= 0xDFFF)
              : value.isBlank() || UNSEEN.matcher(value).find();
      if (value.isEmpty() || value.length() > 255 || unprintable) {
        throw new No("hostile");
      }
      if ((prefix || after.contains("${"))
          && value.contains(after.substring(0, after.offsetByCodePoints(0, 1)))) {
        throw new No("holds the delimiter");
      }
      done += rest.substring(0, open) + value;
      rest = after;
    }
    return done + rest;
  }

  private static Optional<String> value(
      String name, Principal caller, Map<String, String> parameters) {
    if (name.equals("subject")) {
      return caller.subject();
    }
    if (name.startsWith("request.")) {
      return Optional.ofNullable(parameters.get(name.substring(8)));
    }
    String claim = name.substring(7);
    if (caller.claim(claim).orElse(new Claim.One("")) instanceof Claim.Many) {
      return Optional.empty();
    }
    return claim(caller, claim).stream().findFirst();
  }

  private static Optional<String> id(
      RuleDocument rule, Principal caller, Map<String, String> parameters) {
    boolean callersWord =
        rule.tokenId().filter(template -> template.contains("${request.")).isPresent();
    if (rule.reuse() == Reuse.EVERYONE && rule.tokenId().isEmpty()) {
      return Optional.empty();
    }
    String template;
    if (caller.isAnonymous()) {
      if (rule.tokenId().isEmpty()) {
        return Optional.empty();
      }
      template = rule.tokenId().get();
      for (String piece : template.split("\\$\\{request\\.", -1)) {
        int close = piece.indexOf('}');
        if (close > 0
            && callersWord
            && template.contains("${request." + piece.substring(0, close) + "}")
            && !parameters.containsKey(piece.substring(0, close))) {
          return Optional.empty();
        }
      }
    } else {
      template = callersWord ? "${subject}" : rule.tokenId().orElse("${subject}");
    }
    String literal = expand(template, false, true, caller, parameters);
    boolean unfit =
        literal.length() > 64
            || looksLikeDigest(literal)
            || UNSEEN.matcher(literal).find()
            || MISTAKABLE.matcher(literal).find()
            || !Normalizer.normalize(literal, Normalizer.Form.NFKC).equals(literal);
    return Optional.of(unfit ? digest(literal) : literal);
  }

  private static boolean looksLikeDigest(String literal) {
    if (literal.length() != 50 || !literal.startsWith("sha256:")) {
      return false;
    }
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (int i = 7; i < 50; i++) {
      if (alphabet.indexOf(literal.charAt(i)) < 0) {
        return false;
      }
    }
    return true;
  }

  private static String digest(String literal) {
    try {
      String base64 =
          Base64.getEncoder()
              .encodeToString(MessageDigest.getInstance("SHA-256").digest(literal.getBytes(UTF_8)));
      return "sha256:" + base64.replace('+', '-').replace('/', '_').replace("=", "");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  public static List<Statement> statements(PermissionSet set) {
    List<Statement> statements = new ArrayList<>();
    for (Permission permission : set.permissions()) {
      String word = permission.role().word();
      boolean allCaches = permission.cache() instanceof CacheSelector.AllCaches;
      String cache = permission.cache() instanceof CacheSelector.CacheName(String name) ? name : "";
      String[] target =
          switch (permission) {
            case CachePermission(var role, var caches, ResourceSelector item) ->
                switch (item) {
                  case ResourceSelector.All() -> new String[] {"all", ""};
                  case ResourceSelector.Named(String key) -> new String[] {"exact", key};
                  case ResourceSelector.Prefixed(String prefix) -> new String[] {"prefix", prefix};
                };
            case TopicPermission(var role, var caches, ResourceSelector topic) ->
                switch (topic) {
                  case ResourceSelector.All() -> new String[] {"all", ""};
                  case ResourceSelector.Named(String name) -> new String[] {"exact", name};
                  case ResourceSelector.Prefixed(String prefix) -> new String[] {"prefix", prefix};
                };
            case FunctionPermission(var role, var caches, ResourceSelector function) ->
                switch (function) {
                  case ResourceSelector.All() -> new String[] {"all", ""};
                  case ResourceSelector.Named(String name) -> new String[] {"exact", name};
                  case ResourceSelector.Prefixed(String prefix) -> new String[] {"prefix", prefix};
                };
          };
      statements.add(
          new Statement(kind(word), rights(word), allCaches, cache, target[0], target[1]));
    }
    return statements;
  }

  public static boolean allows(List<Statement> statements, Call call) {
    for (Statement statement : statements) {
      if (statement.allows(call)) {
        return true;
      }
    }
    return false;
  }

  /** Returns calls that show, if they exist, that these statements allow more than others. */
  public static List<Call> witnesses(List<Statement> statements) {
    List<Call> calls = new ArrayList<>();
    for (Statement statement : statements) {
      String cache = statement.allCaches ? FRESH : statement.cache;
      List<String> names =
          switch (statement.how) {
            case "all" -> List.of(FRESH, "a");
            case "exact" -> List.of(statement.name);
            default -> List.of(statement.name, statement.name + FRESH);
          };
      for (String name : names) {
        calls.add(new Call(statement.kind, statement.rights, cache, name));
        for (String right : statement.rights) {
          calls.add(new Call(statement.kind, Set.of(right), cache, name));
        }
      }
    }
    return calls;
  }
}
