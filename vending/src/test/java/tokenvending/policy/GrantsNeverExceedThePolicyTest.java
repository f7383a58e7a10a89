package tokenvending.policy;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tokenvending.identity.Claim;
import tokenvending.identity.Principal;
import tokenvending.permission.CachePermission;
import tokenvending.permission.CacheRole;
import tokenvending.permission.CacheSelector;
import tokenvending.permission.FunctionPermission;
import tokenvending.permission.FunctionRole;
import tokenvending.permission.FunctionSelector;
import tokenvending.permission.ItemSelector;
import tokenvending.permission.Permission;
import tokenvending.permission.PermissionSet;
import tokenvending.permission.Role;
import tokenvending.permission.TopicPermission;
import tokenvending.permission.TopicRole;
import tokenvending.permission.TopicSelector;
import tokenvending.policy.Decision.Granted;
import tokenvending.policy.Decision.Reason;
import tokenvending.policy.NaiveEvaluator.Call;
import tokenvending.policy.NaiveEvaluator.Statement;
import tokenvending.policy.NaiveEvaluator.Verdict;
import tokenvending.request.DeclaredParameters;
import tokenvending.request.Parameter;
import tokenvending.request.VendRequest;

/**
 * Generated documents, callers and requests: what is granted is exactly what {@link NaiveEvaluator}
 * says, and nothing is granted that it refuses.
 */
@Tag("I1")
@Tag("I4")
@Tag("T1")
@Tag("T18")
final class GrantsNeverExceedThePolicyTest {
  private static final int TRIPLES = 250_000;
  private static final int TRIPLES_PER_DOCUMENT = 50;
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static final List<WayIn> WAYS_IN =
      List.of(Draft.OPEN, Draft.PASSWORDS, Draft.ISSUER_X, Draft.ISSUER_Y);

  /** What an attacker would call himself, his tenant or his room. */
  private static final List<String> HOSTILE =
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

  private static final List<String> ORDINARY =
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

  private final long seed = Long.getLong("seed", 20260106L);
  private final Random random = new Random(seed);
  private final Map<String, Integer> counts = new HashMap<>();

  @Test
  void what_is_granted_is_exactly_what_the_document_says() {
    int triples = 0;
    for (int number = 0; number < 200_000 && triples < TRIPLES; number++) {
      PolicyDocument document = document();
      if (!(Policy.compile(document)
          instanceof Compilation.Compiled(Policy policy, var warnings))) {
        count("document rejected");
        continue;
      }
      count("document accepted");
      Map<String, String> owners = new HashMap<>();
      for (int i = 0; i < TRIPLES_PER_DOCUMENT; i++) {
        Principal caller = caller(document);
        VendRequest request = request(document, caller);
        try {
          check(document, policy, caller, request, owners);
        } catch (AssertionError | RuntimeException e) {
          throw new AssertionError(
              "seed %d, document %d, triple %d: %s%ncaller %s %s %s%nrequest %s"
                  .formatted(
                      seed,
                      number,
                      i,
                      document,
                      caller.issuer(),
                      caller.subject(),
                      caller.groups(),
                      request),
              e);
        }
        triples++;
      }
    }

    assertThat(triples).isEqualTo(TRIPLES);
    // Without these the test could hold for want of anything to look at.
    assertThat(counts.get("document rejected")).isGreaterThan(1_000);
    assertThat(counts.get("granted")).as(counts.toString()).isGreaterThan(TRIPLES / 5);
    assertThat(counts.get("granted narrowed")).as(counts.toString()).isGreaterThan(TRIPLES / 50);
    assertThat(counts.get("granted to anonymous")).isGreaterThan(TRIPLES / 50);
    assertThat(counts.get("granted with a caller's value")).isGreaterThan(TRIPLES / 20);
    assertThat(counts.get("granted to a hostile subject")).isGreaterThan(TRIPLES / 50);
    assertThat(counts.get("granted with a digest for an id")).isGreaterThan(TRIPLES / 500);
    assertThat(counts.get("granted by a second rule")).isGreaterThan(TRIPLES / 50);
    for (Reason reason : Reason.values()) {
      if (reason != Reason.SAME_SELECTOR_TWICE) {
        assertThat(counts.getOrDefault(reason.name(), 0))
            .as(reason + " in " + counts)
            .isGreaterThan(TRIPLES / 1_000);
      }
    }
    assertThat(counts).doesNotContainKey(Reason.SAME_SELECTOR_TWICE.name());
  }

  private void check(
      PolicyDocument document,
      Policy policy,
      Principal caller,
      VendRequest request,
      Map<String, String> owners) {
    Optional<Verdict> naive = NaiveEvaluator.decide(document, caller, request, NOW);
    Decision decision = policy.decide(caller, request, NOW);
    if (decision instanceof Decision.Denied(String rule, Reason reason)) {
      count(reason.name());
      require(naive.isEmpty(), "refused for " + reason + " what should be granted: " + naive);
      return;
    }
    Grant grant = ((Granted) decision).grant();
    require(naive.isPresent(), "granted what should be refused: " + grant.permissions().texts());
    Verdict should = naive.get();
    require(grant.caller() == caller, "granted to somebody else");
    require(grant.rule().equals(should.rule()), "by rule " + grant.rule());
    List<Statement> is = NaiveEvaluator.statements(grant.permissions());
    for (Call call : NaiveEvaluator.witnesses(is)) {
      require(NaiveEvaluator.allows(should.statements(), call), "too much: " + call);
    }
    for (Call call : NaiveEvaluator.witnesses(should.statements())) {
      require(NaiveEvaluator.allows(is, call), "too little: " + call);
    }
    require(grant.ttl().equals(should.ttl()), "for " + grant.ttl());
    long most = Math.min(90_000, ttl(document, grant.rule()).toSeconds());
    require(grant.ttl().toSeconds() >= 1 && grant.ttl().toSeconds() <= most, "" + grant.ttl());
    if (document.withinSession() && caller.sessionEnd().isPresent()) {
      require(!NOW.plus(grant.ttl()).isAfter(caller.sessionEnd().get()), "outlives the session");
    }
    Optional<String> id = grant.tokenId().map(TokenId::value);
    require(id.equals(should.id()), "as " + id + " and not " + should.id());
    require(id.orElse("").length() <= 64, "an id of " + id.orElse("").length());
    if (id.isPresent()) {
      String owner = caller.isAnonymous() ? "anonymous" : caller.issuer() + ' ' + caller.subject();
      String before = owners.putIfAbsent(id.get(), owner);
      require(before == null || before.equals(owner), "the id " + id + " is " + before + "'s");
    }
    countGranted(document, caller, request, grant);
  }

  private void countGranted(
      PolicyDocument document, Principal caller, VendRequest request, Grant grant) {
    count("granted");
    if (request.narrower().isPresent()) {
      count("granted narrowed");
    }
    if (caller.isAnonymous()) {
      count("granted to anonymous");
    }
    if (caller.subject().filter(HOSTILE::contains).isPresent()) {
      count("granted to a hostile subject");
    }
    if (grant.tokenId().filter(id -> id.value().startsWith("sha256:")).isPresent()) {
      count("granted with a digest for an id");
    }
    for (RuleDocument rule : document.rules()) {
      if (rule.id().equals(grant.rule()) && rule.permissions().toString().contains("${")) {
        count("granted with a caller's value");
      }
    }
    if (!document.rules().getFirst().id().equals(grant.rule())) {
      count("granted by a second rule");
    }
  }

  private static Duration ttl(PolicyDocument document, String id) {
    for (RuleDocument rule : document.rules()) {
      if (rule.id().equals(id)) {
        return rule.ttl().orElse(document.ttl());
      }
    }
    throw new AssertionError("no rule " + id);
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }

  private void count(String what) {
    counts.merge(what, 1, Integer::sum);
  }

  private PolicyDocument document() {
    List<WayIn> waysIn = new ArrayList<>();
    waysIn.add(pick(WAYS_IN));
    if (random.nextInt(3) == 0) {
      waysIn.add(pick(WAYS_IN));
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
        waysIn,
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
      case 1 -> claims.put("iss", List.of(pick(List.of(Draft.X, Draft.Y, "password"))));
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

  private Principal caller(PolicyDocument document) {
    String issuer =
        switch (pick(document.waysIn())) {
          case WayIn.Open() -> "";
          case WayIn.Issuer(String name) -> name;
          case WayIn.Passwords() -> WayIn.Passwords.ISSUER;
        };
    if (issuer.isEmpty()) {
      return Principal.anonymous();
    }
    Set<String> groups = new HashSet<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      groups.add(pick(List.of("moderators", "members", "a", "Members", "all", "*", "${subject}")));
    }
    Map<String, Claim> claims = new HashMap<>();
    if (!issuer.equals(WayIn.Passwords.ISSUER)) {
      if (random.nextInt(3) > 0) {
        claims.put(
            "tenant",
            random.nextInt(8) == 0
                ? new Claim.Many(List.of(value(), "acme"))
                : new Claim.One(value()));
      }
      if (random.nextBoolean()) {
        claims.put("roles", new Claim.Many(List.of(value(), pick(ORDINARY))));
      }
      // Claims of these names must not pass for the real thing.
      claims.put("iss", new Claim.One(Draft.Y));
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

  private VendRequest request(PolicyDocument document, Principal caller) {
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

  /** Mostly what the caller has or a little less, sometimes a little more, sometimes anything. */
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
                  ? new ItemSelector.AllItems()
                  : exact ? new ItemSelector.ItemKey(name) : new ItemSelector.ItemKeyPrefix(name));
      case "topic" ->
          new TopicPermission(
              widen || has.rights().size() == 2
                  ? pick(List.of(TopicRole.values()))
                  : has.rights().contains("publish")
                      ? TopicRole.PUBLISH_ONLY
                      : TopicRole.SUBSCRIBE_ONLY,
              cache,
              all
                  ? new TopicSelector.AllTopics()
                  : exact
                      ? new TopicSelector.TopicName(name)
                      : new TopicSelector.TopicNamePrefix(name));
      default ->
          new FunctionPermission(
              FunctionRole.INVOKE,
              cache,
              all
                  ? new FunctionSelector.AllFunctions()
                  : exact
                      ? new FunctionSelector.FunctionName(name)
                      : new FunctionSelector.FunctionNamePrefix(name));
    };
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
