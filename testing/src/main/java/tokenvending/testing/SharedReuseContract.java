package tokenvending.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.identity.Attempt;
import tokenvending.identity.Principal;
import tokenvending.issuing.IssueResult.Issued;
import tokenvending.permission.PermissionSet;
import tokenvending.permission.PermissionText;
import tokenvending.policy.AuthenticationMethod;
import tokenvending.policy.ConditionDocument;
import tokenvending.policy.Decision;
import tokenvending.policy.Grant;
import tokenvending.policy.Policy;
import tokenvending.policy.PolicyDocument;
import tokenvending.policy.Reuse;
import tokenvending.policy.RuleDocument;
import tokenvending.request.DeclaredParameters;
import tokenvending.request.VendRequest;
import tokenvending.reuse.ReusingTokenIssuer;
import tokenvending.reuse.TokenSeal;
import tokenvending.secret.Secret;
import tokenvending.state.SealedEntries;

/**
 * The contract of token reuse through a store, whatever the store does with its entries. A subclass
 * is a test class.
 */
public abstract class SharedReuseContract {
  private static final String ISSUER_X = "https://x.example.com/";
  private static final String ISSUER_Y = "https://y.example.com/";
  private static final Attempt ATTEMPT = Attempts.at(Instant.EPOCH);
  private static final Duration HOUR = Duration.ofHours(1);

  private final SettableClock clock = SettableClock.started();
  private final RecordingTokenIssuer momento = new RecordingTokenIssuer(clock);

  /** All entries written, by name; for a store that returns wrong ones. */
  private final Map<String, byte[]> written = new TreeMap<>();

  /** Returns the store as seen by one instance and by another; empty at first. */
  protected abstract List<SealedEntries> ways();

  /** Returns the number of calls of a test. */
  protected abstract int steps();

  /** Returns an issuer with an empty cache of its own. */
  private ReusingTokenIssuer fresh(int way, TokenSeal seal, String policyVersion) {
    SealedEntries entries = ways().get(way);
    return new ReusingTokenIssuer(
        momento,
        () -> Optional.of(seal),
        policyVersion,
        Optional.of(
            new SealedEntries() {
              @Override
              public Optional<byte[]> find(String name) {
                return entries.find(name);
              }

              @Override
              public void put(String name, byte[] sealed, Duration life) {
                written.put(name, sealed.clone());
                putAndFind(entries, name, sealed, life);
              }
            }),
        clock);
  }

  /**
   * Returns when the store has the entry: a put does not always wait, and a slow one is dropped.
   */
  private static void putAndFind(SealedEntries entries, String name, byte[] sealed, Duration life) {
    Await.until(
        "the store has the entry",
        () -> {
          entries.put(name, sealed, life);
          return entries.find(name).filter(found -> Arrays.equals(found, sealed)).isPresent();
        });
  }

  /** Writes into the store as an attacker. */
  private void put(String name, byte[] sealed) {
    putAndFind(ways().getFirst(), name, sealed, HOUR);
  }

  private static TokenSeal seal(String key) {
    return TokenSeal.of(Secret.of(key));
  }

  private static Principal caller(String issuer, String subject) {
    return Principal.verified(issuer, subject, Set.of(), Map.of(), Optional.empty());
  }

  private Grant grant(Principal caller) {
    return grant(Reuse.CALLER, caller, VendRequest.of(Map.of()));
  }

  private Grant grant(Reuse reuse, Principal caller, VendRequest request) {
    Policy policy =
        Policies.compiled(
            new PolicyDocument(
                reuse == Reuse.EVERYONE
                    ? List.of(new AuthenticationMethod.Open())
                    : List.of(new AuthenticationMethod.Issuer(ISSUER_X)),
                new DeclaredParameters(List.of()),
                HOUR,
                false,
                List.of(
                    new RuleDocument(
                        "r",
                        ConditionDocument.everyone(),
                        Optional.empty(),
                        Optional.empty(),
                        reuse,
                        List.of(
                            Policies.subscribe("chat", "news"),
                            Policies.subscribe("chat", "sport"))))));
    return switch (policy.decide(caller, request, clock.instant())) {
      case Decision.Granted(Grant grant) -> grant;
      case Decision.Denied denied -> throw new AssertionError(denied.toString());
    };
  }

  private static Issued issued(ReusingTokenIssuer from, Grant grant) {
    if (from.issue(grant, ATTEMPT) instanceof Issued issued) {
      return issued;
    }
    throw new AssertionError("no token");
  }

  @Test
  void another_instance_finds_the_token_sealed_in_the_store() {
    TokenSeal seal = seal("key-1");
    Grant ann = grant(caller(ISSUER_X, "ann"));
    Issued first = issued(fresh(0, seal, "v1"), ann);
    Issued second = issued(fresh(1, seal("key-1"), "v1"), ann);

    assertThat(second.reused()).isTrue();
    assertThat(second.token().token().reveal()).isEqualTo(first.token().token().reveal());
    assertThat(second.token().expiresAt()).isEqualTo(first.token().expiresAt());
    assertThat(second.token().tokenId()).isEqualTo(ann.tokenId());
    assertThat(momento.grants()).hasSize(1);
  }

  @Test
  @Tag("T5")
  void store_that_swaps_entries_gives_nobody_anothers_token() {
    TokenSeal seal = seal("key-1");
    ReusingTokenIssuer one = fresh(0, seal, "v1");
    Grant ann = grant(caller(ISSUER_X, "ann"));
    Grant bob = grant(caller(ISSUER_X, "bob"));
    issued(one, ann);
    issued(one, bob);
    List<Map.Entry<String, byte[]>> kept = List.copyOf(new TreeMap<>(written).entrySet());
    assertThat(kept).hasSize(2);
    put(kept.getFirst().getKey(), kept.getLast().getValue());
    put(kept.getLast().getKey(), kept.getFirst().getValue());

    ReusingTokenIssuer other = fresh(1, seal, "v1");
    assertThat(issued(other, ann).reused()).isFalse();
    assertThat(issued(other, bob).reused()).isFalse();
  }

  @Test
  @Tag("T5")
  void store_that_changes_a_bit_has_nothing() {
    TokenSeal seal = seal("key-1");
    Grant ann = grant(caller(ISSUER_X, "ann"));
    issued(fresh(0, seal, "v1"), ann);
    Map.copyOf(written)
        .forEach(
            (name, kept) -> {
              byte[] changed = kept.clone();
              changed[changed.length / 2] ^= 1;
              put(name, changed);
            });

    assertThat(issued(fresh(1, seal, "v1"), ann).reused()).isFalse();
  }

  @Test
  void another_policy_or_key_does_not_find_what_the_store_has() {
    Grant ann = grant(caller(ISSUER_X, "ann"));
    issued(fresh(0, seal("key-1"), "v1"), ann);

    assertThat(issued(fresh(1, seal("key-1"), "v2"), ann).reused()).isFalse();
    assertThat(issued(fresh(1, seal("key-2"), "v1"), ann).reused()).isFalse();
    assertThat(momento.grants()).hasSize(3);
  }

  /** What a token was minted for. */
  private record Minted(Grant grant, String key, String policyVersion) {}

  /**
   * Every returned token was minted for the same grant, with the key and under the policy of the
   * instance that returns it. This holds after any sequence of requests, restarts, key rotations,
   * policy changes and mixed-up entries.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  @Tag("T1")
  @Tag("T3")
  @Tag("T5")
  void every_token_was_minted_for_exactly_its_grant(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Map<String, Minted> minted = new HashMap<>();
    Map<String, ReusingTokenIssuer> running = new HashMap<>();
    int fromTheStore = 0;
    for (int step = 0; step < steps(); step++) {
      Grant grant = anyGrant(random);
      int way = random.nextInt(2);
      String key = random.nextInt(8) == 0 ? "key-2" : "key-1";
      String version = random.nextInt(8) == 0 ? "v2" : "v1";
      String instance = way + key + version;
      if (random.nextInt(4) == 0) {
        running.remove(instance);
      }
      boolean remembersNothing = !running.containsKey(instance);
      ReusingTokenIssuer issuer =
          running.computeIfAbsent(instance, i -> fresh(way, seal(key), version));
      int before = momento.grants().size();
      Issued issued = issued(issuer, grant);
      String token = issued.token().token().reveal();
      if (momento.grants().size() > before) {
        minted.put(token, new Minted(momento.grants().getLast(), key, version));
      } else if (remembersNothing) {
        fromTheStore++;
      }
      String at = "seed %d, step %d".formatted(seed, step);
      assertThat(minted).as(at).containsKey(token);
      Minted origin = Objects.requireNonNull(minted.get(token));
      assertThat(origin.key()).as(at).isEqualTo(key);
      assertThat(origin.policyVersion()).as(at).isEqualTo(version);
      assertSame(origin.grant(), grant, at);
      assertThat(issued.token().tokenId()).as(at).isEqualTo(grant.tokenId());
      assertThat(Duration.between(clock.instant(), issued.token().expiresAt()))
          .as(at)
          .isGreaterThanOrEqualTo(grant.ttl().dividedBy(2));
      clock.advance(Duration.ofSeconds(random.nextInt(20)));
      if (random.nextInt(20) == 0 && !written.isEmpty()) {
        mixUp(random);
      }
    }
    assertThat(fromTheStore).isGreaterThan(steps() / 50);
  }

  /** Stores the entry of one name under another name. */
  private void mixUp(SplittableRandom random) {
    List<Map.Entry<String, byte[]>> all = List.copyOf(new TreeMap<>(written).entrySet());
    String name = all.get(random.nextInt(all.size())).getKey();
    put(name, all.get(random.nextInt(all.size())).getValue());
  }

  private static void assertSame(Grant minted, Grant grant, String at) {
    assertThat(minted.permissions()).as(at).isEqualTo(grant.permissions());
    assertThat(minted.tokenId()).as(at).isEqualTo(grant.tokenId());
    assertThat(minted.ttl()).as(at).isEqualTo(grant.ttl());
    assertThat(minted.rule()).as(at).isEqualTo(grant.rule());
    assertThat(minted.reuse()).as(at).isEqualTo(grant.reuse());
    if (grant.reuse() != Reuse.EVERYONE) {
      assertThat(minted.caller().issuer()).as(at).isEqualTo(grant.caller().issuer());
      assertThat(minted.caller().subject()).as(at).isEqualTo(grant.caller().subject());
    }
  }

  private Grant anyGrant(SplittableRandom random) {
    Reuse reuse = List.of(Reuse.NEVER, Reuse.CALLER, Reuse.EVERYONE).get(random.nextInt(3));
    List<Principal> callers =
        reuse == Reuse.EVERYONE
            ? List.of(Principal.anonymous())
            : List.of(
                caller(ISSUER_X, "ann"),
                caller(ISSUER_X, "bob"),
                caller(ISSUER_Y, "ann"),
                caller(ISSUER_X, "a" + "n".repeat(70)),
                Principal.anonymous());
    List<Optional<PermissionSet>> narrower = new ArrayList<>(List.of(Optional.empty()));
    for (String topic : List.of("news", "sport")) {
      narrower.add(
          PermissionText.parse("SubscribeOnly cache=chat topic=" + topic).map(PermissionSet::of));
    }
    VendRequest request =
        new VendRequest(
            Map.of(),
            narrower.get(random.nextInt(3)),
            random.nextBoolean() ? Optional.empty() : Optional.of(Duration.ofMinutes(30)));
    return grant(reuse, callers.get(random.nextInt(callers.size())), request);
  }
}
