package tokenvending.testing;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import tokenvending.identity.Claim;
import tokenvending.identity.Principal;
import tokenvending.permission.CachePermission;
import tokenvending.permission.CacheRole;
import tokenvending.permission.CacheSelector;
import tokenvending.permission.FunctionPermission;
import tokenvending.permission.FunctionRole;
import tokenvending.permission.Permission;
import tokenvending.permission.PermissionSet;
import tokenvending.permission.ResourceSelector;
import tokenvending.permission.Role;
import tokenvending.permission.TopicPermission;
import tokenvending.permission.TopicRole;
import tokenvending.policy.AuthenticationMethod;
import tokenvending.policy.ConditionDocument;
import tokenvending.policy.PermissionDocument;
import tokenvending.policy.PolicyDocument;
import tokenvending.policy.Reuse;
import tokenvending.policy.RuleDocument;
import tokenvending.policy.SelectorDocument;
import tokenvending.policy.TokenId;
import tokenvending.request.DeclaredParameters;
import tokenvending.request.Parameter;
import tokenvending.request.VendRequest;
import tokenvending.testing.NaiveEvaluator.Statement;
import tokenvending.testing.NaiveEvaluator.Verdict;

/**
 * Generates random documents, callers and requests, with values that attackers would try. Equal
 * seeds give equal results. Not thread-safe.
 */
public final class Triples {
  /** The time of all requests. */
  public static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  public static final String X = "https://x.example.com";
  public static final String Y = "https://y.example.com";

  public static final List<AuthenticationMethod> WAYS_IN =
      List.of(
          new AuthenticationMethod.Open(),
          new AuthenticationMethod.Passwords(),
          new AuthenticationMethod.Issuer(X),
          new AuthenticationMethod.Issuer(Y));

  /** Names that an attacker would choose for a user, a tenant or a room. */
  public static final List<String> HOSTILE =
      List.of(
          "${subject}",
          "${claims.tenant}",
          "${request.room}",
          "$",
          "}",
          "*",
          "all",
          "/",
          "a/",
          "a/b",
          "ab/",
          "a/../b",
          "a|b",
          "-",
          "a-b",
          "a,b",
          "\"",
          "\\",
          "a b",
          " a",
          "\u00A0",
          "a\u0000",
          "\n",
          "a\r\nb",
          "\u202Ea",
          "a\u200F",
          "\u200B",
          "\u2028",
          "\uD800",
          "a\uDC00",
          "\uDC00\uD800",
          "\uD83D\uDE00",
          "e\u0301",
          "\u00E9",
          "\u3164",
          "a\u2800",
          "a\u034Fb",
          "\u2764\uFE0F",
          "\uE000",
          "\u0378",
          "\u0430nn",
          "\uFF41nn",
          "a ",
          "a  b",
          "\u0301a",
          "",
          "a".repeat(64),
          "a".repeat(65),
          "a".repeat(255),
          "a".repeat(256),
          "a".repeat(10_000),
          "sha256:" + "A".repeat(43),
          "sha256:" + "A".repeat(42),
          "sha256:" + "A".repeat(42) + "=",
          TokenId.of("a".repeat(65)).value(),
          "guest/ann",
          "x/ann",
          "profile-ann",
          "chat",
          "news",
          "root",
          "sub",
          "NULL",
          "0");

  /** Names without special characters. */
  public static final List<String> ORDINARY =
      List.of("a", "b", "ab", "ann", "bob", "A", "lobby", "acme", "1");

  private static final List<String> NAME_PARTS =
      List.of(
          "chat",
          "news",
          "room-",
          "profile-",
          "/",
          "-",
          "a",
          "all",
          "*",
          "${subject}",
          "${subject}",
          "${claims.tenant}",
          "${claims.iss}",
          "${claims.sub}",
          "${request.room}",
          "${request.name}");

  private static final List<String> TOKEN_IDS =
      List.of(
          "${subject}",
          "u/${subject}",
          "${claims.tenant}/${subject}",
          "${request.name}",
          "guest/${request.name}",
          "${request.name}/${request.room}",
          "guest",
          "${claims.tenant}",
          "${claims.iss}|${subject}",
          "${subject}${request.name}");

  private final Random random;
  private final List<AuthenticationMethod> all;

  /** Generates documents with one or two of these authentication methods. */
  public Triples(Random random, List<AuthenticationMethod> methods) {
    this.random = random;
    this.all = List.copyOf(methods);
  }

  /** Returns a document, which is often invalid. */
  public PolicyDocument document() {
    List<AuthenticationMethod> methods = new ArrayList<>();
    methods.add(pick(all));
    if (random.nextInt(3) == 0) {
      methods.add(pick(all));
    }
    List<Parameter> parameters = new ArrayList<>();
    if (random.nextInt(8) > 0) {
      parameters.add(new Parameter("room", 1024, random.nextBoolean()));
    }
    if (random.nextInt(8) > 0) {
      parameters.add(new Parameter("name", 1024, false));
    }
    List<RuleDocument> rules = new ArrayList<>();
    int count = 1 + random.nextInt(4);
    boolean ownWords = random.nextBoolean();
    for (int i = 0; i < count; i++) {
      rules.add(rule("r" + i, ownWords ? "u/${subject}" : ""));
    }
    return new PolicyDocument(
        methods,
        new DeclaredParameters(parameters),
        Duration.ofSeconds(1 + random.nextInt(90_000)),
        random.nextInt(3) == 0,
        rules);
  }

  private RuleDocument rule(String id, String usualTokenId) {
    List<String> groups = new ArrayList<>();
    for (int i = random.nextInt(5) - 2; i > 0; i--) {
      groups.add(pick(List.of("moderators", "members", "a")));
    }
    Map<String, List<String>> claims = new LinkedHashMap<>();
    switch (random.nextInt(8)) {
      case 0 -> claims.put("tenant", List.of(pick(ORDINARY), "acme"));
      case 1 -> claims.put("iss", List.of(pick(List.of(X, Y, "password"))));
      case 2 -> claims.put("roles", List.of("a", "b"));
      case 3 -> claims.put("sub", List.of(pick(ORDINARY), pick(HOSTILE)));
      default -> {}
    }
    claims.values().removeIf(values -> values.toString().contains("${"));
    Optional<String> tokenId = Optional.of(usualTokenId).filter(template -> !template.isEmpty());
    if (random.nextInt(3) == 0) {
      tokenId = Optional.of(pick(TOKEN_IDS));
    }
    Reuse reuse = random.nextInt(6) == 0 ? pick(List.of(Reuse.values())) : Reuse.NEVER;
    if (reuse == Reuse.EVERYONE && random.nextBoolean()) {
      tokenId = Optional.empty();
    }
    List<PermissionDocument> permissions = new ArrayList<>();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      permissions.add(permission());
    }
    return new RuleDocument(
        id,
        new ConditionDocument(groups, claims),
        random.nextBoolean()
            ? Optional.empty()
            : Optional.of(Duration.ofSeconds(1 + random.nextInt(7200))),
        tokenId,
        reuse,
        permissions);
  }

  private PermissionDocument permission() {
    List<Role> roles = new ArrayList<>();
    roles.addAll(List.of(CacheRole.values()));
    roles.addAll(List.of(TopicRole.values()));
    roles.add(FunctionRole.INVOKE);
    return new PermissionDocument(
        pick(roles),
        random.nextInt(5) == 0
            ? new SelectorDocument.All()
            : new SelectorDocument.Exact(random.nextInt(5) == 0 ? name() : "chat"),
        switch (random.nextInt(5)) {
          case 0 -> new SelectorDocument.All();
          case 1, 2 -> new SelectorDocument.Exact(name());
          case 3 -> new SelectorDocument.Prefix(name() + pick(List.of("/", "|", "-", "::")));
          default -> new SelectorDocument.Prefix(name());
        });
  }

  private String name() {
    StringBuilder name = new StringBuilder(pick(NAME_PARTS));
    for (int i = random.nextInt(3); i > 0; i--) {
      name.append(random.nextInt(4) > 0 ? pick(List.of("/", "-", "|")) : "")
          .append(pick(NAME_PARTS));
    }
    return name.toString();
  }

  /** Returns a caller of one of the document's authentication methods. */
  public Principal caller(PolicyDocument document) {
    String issuer =
        switch (pick(document.methods())) {
          case AuthenticationMethod.Open() -> "";
          case AuthenticationMethod.Issuer(String name) -> name;
          case AuthenticationMethod.Passwords() -> AuthenticationMethod.Passwords.ISSUER;
        };
    if (issuer.isEmpty()) {
      return Principal.anonymous();
    }
    Set<String> groups = new HashSet<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      groups.add(pick(List.of("moderators", "members", "a", "Members", "all", "*", "${subject}")));
    }
    Map<String, Claim> claims = new HashMap<>();
    if (!issuer.equals(AuthenticationMethod.Passwords.ISSUER)) {
      if (random.nextInt(3) > 0) {
        claims.put(
            "tenant",
            random.nextInt(8) == 0
                ? new Claim.Many(List.of(value(), "acme"))
                : new Claim.One(value()));
      }
      if (random.nextBoolean()) {
        claims.put(
            "roles",
            random.nextInt(6) == 0
                ? new Claim.Members(Map.of("chat", new Claim.One(value())))
                : new Claim.Many(List.of(value(), pick(ORDINARY))));
      }
      // Claims of these names must not replace issuer and subject.
      claims.put("iss", new Claim.One(Y));
      claims.put("sub", new Claim.One("root"));
    }
    Optional<Instant> end =
        switch (random.nextInt(4)) {
          case 0 -> Optional.of(NOW.plusMillis(random.nextInt(8_000) - 3_000));
          case 1, 2 -> Optional.of(NOW.plusMillis(random.nextInt(7_200_000)));
          default -> Optional.empty();
        };
    return Principal.verified(issuer, value(), groups, claims, end);
  }

  private String value() {
    return switch (random.nextInt(6)) {
      case 0, 1 -> pick(HOSTILE);
      case 2 -> pick(ORDINARY) + pick(HOSTILE);
      default -> pick(ORDINARY);
    };
  }

  /** Returns a request: mostly what the caller is granted, a little more, or something else. */
  public VendRequest request(PolicyDocument document, Principal caller) {
    Map<String, String> parameters = new HashMap<>();
    if (random.nextInt(4) > 0) {
      parameters.put("room", value());
    }
    if (random.nextInt(4) > 0) {
      parameters.put("name", value());
    }
    if (random.nextInt(4) == 0) {
      parameters.put("usergroup", "moderators");
      parameters.put("subject", "root");
    }
    Optional<Duration> ttl =
        random.nextInt(3) > 0
            ? Optional.empty()
            : Optional.of(
                Duration.ofSeconds(1 + random.nextInt(random.nextBoolean() ? 600 : 90_000)));
    return new VendRequest(
        parameters,
        random.nextInt(3) > 0
            ? Optional.empty()
            : Optional.of(narrower(document, caller, parameters)),
        ttl);
  }

  /** Returns permissions: mostly those of the caller or fewer, sometimes more, sometimes random. */
  private PermissionSet narrower(
      PolicyDocument document, Principal caller, Map<String, String> parameters) {
    List<Statement> has =
        NaiveEvaluator.decide(document, caller, VendRequest.of(parameters), NOW)
            .map(Verdict::statements)
            .orElse(List.of(new Statement("topic", Set.of("subscribe"), false, "chat", "all", "")));
    List<Permission> asked = new ArrayList<>();
    for (int i = 1 + random.nextInt(2); i > 0; i--) {
      Permission permission = changed(pick(has));
      if (asked.stream().noneMatch(permission::sameResources)) {
        asked.add(permission);
      }
    }
    return new PermissionSet(asked);
  }

  private Permission changed(Statement has) {
    boolean widen = random.nextInt(6) == 0;
    CacheSelector cache =
        (has.allCaches() && random.nextBoolean()) || (widen && random.nextInt(3) == 0)
            ? new CacheSelector.AllCaches()
            : new CacheSelector.CacheName(has.allCaches() ? pick(ORDINARY) : has.cache());
    String how = has.how();
    String name = has.name();
    if (how.equals("all") && random.nextBoolean()) {
      how = pick(List.of("exact", "prefix"));
      name = pick(ORDINARY);
    } else if (how.equals("prefix") && random.nextBoolean()) {
      how = pick(List.of("exact", "prefix"));
      name = name + (random.nextBoolean() ? pick(ORDINARY) : "");
    }
    if (widen) {
      switch (random.nextInt(3)) {
        case 0 -> how = "all";
        case 1 -> how = how.equals("all") ? "all" : "prefix";
        default -> name = name.isEmpty() ? "" : name.substring(0, name.offsetByCodePoints(0, 1));
      }
    }
    return made(has, cache, how, name, widen);
  }

  private Permission made(
      Statement has, CacheSelector cache, String how, String name, boolean widen) {
    boolean all = how.equals("all");
    boolean exact = how.equals("exact");
    return switch (has.kind()) {
      case "item" ->
          new CachePermission(
              widen || has.rights().size() == 2
                  ? pick(List.of(CacheRole.values()))
                  : has.rights().contains("read") ? CacheRole.READ_ONLY : CacheRole.WRITE_ONLY,
              cache,
              all
                  ? new ResourceSelector.All()
                  : exact ? new ResourceSelector.Named(name) : new ResourceSelector.Prefixed(name));
      case "topic" ->
          new TopicPermission(
              widen || has.rights().size() == 2
                  ? pick(List.of(TopicRole.values()))
                  : has.rights().contains("publish")
                      ? TopicRole.PUBLISH_ONLY
                      : TopicRole.SUBSCRIBE_ONLY,
              cache,
              all
                  ? new ResourceSelector.All()
                  : exact ? new ResourceSelector.Named(name) : new ResourceSelector.Prefixed(name));
      default ->
          new FunctionPermission(
              FunctionRole.INVOKE,
              cache,
              all
                  ? new ResourceSelector.All()
                  : exact ? new ResourceSelector.Named(name) : new ResourceSelector.Prefixed(name));
    };
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
