package tokenvending.authentication;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tokenvending.authentication.DocumentFetcher.Document;
import tokenvending.authentication.DocumentFetcher.Failed;
import tokenvending.authentication.DocumentFetcher.Timeouts;
import tokenvending.text.Json;

/**
 * An issuer's keys, by their id. They are fetched again before they are five minutes old, and when
 * a token names an unknown key or its signature does not match, but at most once in 30 seconds
 * whatever tokens say. Every well-formed answer replaces the keys, even one without a usable key.
 * Through an outage (no answer, a status other than 200, a document that is no key set) the last
 * keys serve for 24 hours. Thread-safe; a caller waits for a fetch for at most two seconds.
 */
public final class JwksSource implements AutoCloseable {
  /** Older keys are not used without an attempt to replace them: a withdrawn key dies by then. */
  static final Duration FRESH = Duration.ofMinutes(5);

  /** When the background fetches again, so that no caller has to wait. */
  static final Duration AHEAD = Duration.ofMinutes(4);

  /** For how long known keys serve while the issuer cannot be reached. */
  static final Duration USABLE = Duration.ofHours(24);

  /** Between two fetches. */
  static final Duration FLOOR = Duration.ofSeconds(30);

  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Logger LOG = LoggerFactory.getLogger(JwksSource.class);

  /** What is known about a key id. */
  sealed interface Named {}

  /** The keys of that id; of all ids where none was given. */
  record Found(List<VerificationKey> keys) implements Named {
    /** The key among them that an algorithm fits, if it is one. */
    Fitting onlyFitting(SignatureAlgorithm algorithm) {
      Fitting fitting = new NoneFits();
      for (VerificationKey key : keys) {
        if (key.fits(algorithm)) {
          if (fitting instanceof Only) {
            return new ManyFit();
          }
          fitting = new Only(key);
        }
      }
      return fitting;
    }
  }

  /** How many of some keys an algorithm fits. */
  sealed interface Fitting {}

  record NoneFits() implements Fitting {}

  record Only(VerificationKey key) implements Fitting {}

  record ManyFit() implements Fitting {}

  /** The issuer has no such key, as far as we may ask. */
  record Unknown() implements Named {}

  /** The issuer could not be asked. */
  record OutOfReach(Duration retryAfter) implements Named {}

  /** One reading of the key set, ready to be asked: every request does. */
  private record Held(Found all, Map<String, Found> byId, long sinceNanos, Instant since) {
    static Held of(List<VerificationKey> keys, long sinceNanos, Instant since) {
      Map<String, List<VerificationKey>> byId = new HashMap<>();
      for (VerificationKey key : keys) {
        key.id().ifPresent(id -> byId.computeIfAbsent(id, n -> new ArrayList<>()).add(key));
      }
      Map<String, Found> found = new HashMap<>();
      byId.forEach((id, same) -> found.put(id, new Found(List.copyOf(same))));
      return new Held(new Found(List.copyOf(keys)), Map.copyOf(found), sinceNanos, since);
    }

    Optional<Found> matching(Optional<String> id) {
      return id.isEmpty()
          ? Optional.of(all).filter(found -> !found.keys().isEmpty())
          : Optional.ofNullable(byId.get(id.get()));
    }
  }

  private final KeySetLocation location;
  private final LongSupplier nanoClock;
  private final InstantSource clock;
  private final Timeouts timeouts;
  private final DocumentFetcher fetcher;
  private final CountDownLatch closed = new CountDownLatch(1);

  // Written by the fetch that runs, read without it by every request.
  private volatile Optional<Held> held = Optional.empty();
  private volatile Optional<String> lastFailure = Optional.empty();
  // All below are guarded by this object's lock.
  private Optional<CompletableFuture<Boolean>> running = Optional.empty();
  private Optional<Long> lastAttempt = Optional.empty();
  private int failures;

  /** Without a thread of its own: fetches only when asked for a key, or to refresh. */
  JwksSource(
      KeySetLocation location, LongSupplier nanoClock, InstantSource clock, Timeouts timeouts) {
    this.timeouts = timeouts;
    this.fetcher = new DocumentFetcher(timeouts);
    this.location = location;
    this.nanoClock = nanoClock;
    this.clock = clock;
  }

  /**
   * Begins to fetch, and keeps the keys fresh until closed; does not wait for the first fetch.
   *
   * @param nanoClock monotonic, in nanoseconds
   * @param clock to notice that the process was frozen, when the other one may have stood still
   */
  public static JwksSource start(
      KeySetLocation location, LongSupplier nanoClock, InstantSource clock) {
    JwksSource source = new JwksSource(location, nanoClock, clock, Timeouts.STANDARD);
    source.refreshIfDue();
    Thread.ofVirtual().name("key-set-refresh").start(source::keepFresh);
    return source;
  }

  /** Whether tokens can be verified now: there is a usable key. */
  public boolean isReady() {
    return problem().isEmpty();
  }

  /** Why no token can be verified now, for the operator; empty when one can. */
  public Optional<String> problem() {
    Optional<Held> known = usable();
    if (known.isEmpty()) {
      return Optional.of(lastFailure.orElse("not read yet"));
    }
    return known.get().all().keys().isEmpty()
        ? Optional.of("the issuer publishes no usable key")
        : Optional.empty();
  }

  /** The time since the keys in use were requested; absent where there is no usable key. */
  public Optional<Duration> age() {
    return usable().filter(known -> !known.all().keys().isEmpty()).map(this::age);
  }

  /** The keys of an id, or all of them for a token that names none. */
  Named named(Optional<String> id) {
    Optional<Held> known = usable();
    if (known.isEmpty() || !isFresh(known.get())) {
      fetchIfDue();
      known = usable();
    }
    if (known.isEmpty()) {
      return new OutOfReach(untilNextAttempt());
    }
    Optional<Found> found = known.get().matching(id);
    if (found.isEmpty() && fetchIfDue()) {
      found = usable().flatMap(held -> held.matching(id));
    }
    if (found.isPresent()) {
      return found.get();
    }
    // The issuer may have a new key that we cannot see: that is no reason to call the token bad.
    return isUndecided() ? new OutOfReach(untilNextAttempt()) : new Unknown();
  }

  /**
   * What is known about a key id, where that is no longer what a token was judged by: the issuer
   * may have published another key under the same id. Fetches, if the last fetch is long enough
   * ago.
   *
   * @return empty where nothing has changed
   */
  Optional<Named> changedSince(Found judged, Optional<String> id) {
    if (isCurrent(judged, id)) {
      var _ = fetchIfDue();
    }
    if (isCurrent(judged, id)) {
      return Optional.empty();
    }
    return Optional.of(named(id));
  }

  private boolean isCurrent(Found judged, Optional<String> id) {
    return usable().flatMap(known -> known.matching(id)).equals(Optional.of(judged));
  }

  /** Fetches in the background if the keys are about to go stale. */
  void refreshIfDue() {
    Optional<Held> known = usable();
    if (known.isEmpty() || age(known.get()).compareTo(AHEAD) >= 0) {
      beginIfDue();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    fetcher.close();
  }

  private void keepFresh() {
    try {
      while (!closed.await(TICK.toMillis(), TimeUnit.MILLISECONDS)) {
        refreshIfDue();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether a fetch has ended, successfully, that was not over when this was called. */
  private boolean fetchIfDue() {
    Optional<CompletableFuture<Boolean>> fetch = beginIfDue();
    if (fetch.isEmpty()) {
      return false;
    }
    // Only so long after the begin of the fetch: a silent issuer must not delay every request.
    Duration left = timeouts.ofCaller().minus(sinceLastAttempt());
    try {
      return fetch.get().get(Math.max(left.toMillis(), 0), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException _) {
      return false;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** The fetch that is running, or a new one if the last is long enough ago. */
  private synchronized Optional<CompletableFuture<Boolean>> beginIfDue() {
    if (running.isPresent()) {
      return running;
    }
    if (closed.getCount() == 0 || !untilDue().isZero()) {
      return Optional.empty();
    }
    CompletableFuture<Boolean> fetch = new CompletableFuture<>();
    running = Optional.of(fetch);
    lastAttempt = Optional.of(nanoClock.getAsLong());
    Thread.ofVirtual().name("key-set-fetch").start(() -> run(fetch));
    return running;
  }

  private void run(CompletableFuture<Boolean> fetch) {
    boolean replaced = false;
    try {
      replaced = replaceKeys();
    } finally {
      ended(replaced);
      fetch.complete(replaced);
    }
  }

  private synchronized void ended(boolean replaced) {
    running = Optional.empty();
    failures = replaced ? 0 : failures + 1;
  }

  private boolean replaceKeys() {
    // Before the request: an answer that was long on its way is as old as the question.
    long nanos = nanoClock.getAsLong();
    Instant now = clock.instant();
    // A discovery document is read each time: an issuer that moves its keys withdraws the old set.
    Optional<URI> address =
        switch (location) {
          case KeySetLocation.At(String _, URI jwks) -> Optional.of(jwks);
          case KeySetLocation.Discovered place -> address(place);
        };
    if (address.isEmpty()) {
      return false;
    }
    return switch (fetcher.fetch(address.get())) {
      case Failed(String cause) -> failed("keys", address.get(), cause);
      case Document(Json.Members document) ->
          document.find("keys").orElse(new Json.Null()) instanceof Json.Items(List<Json> items)
              ? replaced(keys(items), nanos, now)
              : failed("keys", address.get(), "not a key set");
    };
  }

  private boolean replaced(List<VerificationKey> keys, long nanos, Instant now) {
    held = Optional.of(Held.of(keys, nanos, now));
    if (keys.isEmpty()) {
      LOG.atWarn()
          .addKeyValue("issuer", location.issuer())
          .addKeyValue("location", location.label())
          .log("key set without a usable key: tokens of this issuer are rejected");
    } else {
      LOG.atDebug()
          .addKeyValue("location", location.label())
          .addKeyValue("keys", keys.size())
          .log("key set read");
    }
    return true;
  }

  private Optional<URI> address(KeySetLocation.Discovered place) {
    URI document = place.document();
    return switch (fetcher.fetch(document)) {
      case Failed(String cause) -> {
        failed("discovery", document, cause);
        yield Optional.empty();
      }
      case Document(Json.Members members) -> discovered(place, members);
    };
  }

  private Optional<URI> discovered(KeySetLocation.Discovered place, Json.Members document) {
    // Discovery §4.3: else one issuer could speak for another.
    if (!document.text("issuer").equals(Optional.of(place.issuer()))) {
      failed("discovery", place.document(), "the document names another issuer");
      return Optional.empty();
    }
    Optional<URI> keys = document.text("jwks_uri").flatMap(SafeAddress::parse);
    if (keys.isEmpty()) {
      failed("discovery", place.document(), "the document names no key set over https");
    }
    return keys;
  }

  private boolean failed(String step, URI address, String cause) {
    lastFailure = Optional.of(step + " at " + address.getHost() + ": " + cause);
    LOG.atWarn()
        .addKeyValue("issuer", location.issuer())
        .addKeyValue("host", address.getHost())
        .addKeyValue("location", location.label())
        .addKeyValue("step", step)
        .addKeyValue("cause", cause)
        .log("key set not read");
    return false;
  }

  /** Those that can be used here; others are ignored (RFC 7517 §5). */
  private static List<VerificationKey> keys(List<Json> items) {
    List<VerificationKey> keys = new ArrayList<>();
    // One that is listed twice is one key, and not two that no token tells apart.
    for (Json item : new LinkedHashSet<>(items)) {
      if (item instanceof Json.Members jwk) {
        VerificationKey.of(jwk).ifPresent(keys::add);
      }
    }
    return List.copyOf(keys);
  }

  private Optional<Held> usable() {
    return held.filter(keys -> age(keys).compareTo(USABLE) <= 0);
  }

  private boolean isFresh(Held keys) {
    return age(keys).compareTo(FRESH) < 0;
  }

  /** By the clock that says more: a frozen process may find its monotonic clock frozen too. */
  private Duration age(Held keys) {
    Duration monotonic = Duration.ofNanos(nanoClock.getAsLong() - keys.sinceNanos());
    Duration byTheWall = Duration.between(keys.since(), clock.instant());
    return monotonic.compareTo(byTheWall) >= 0 ? monotonic : byTheWall;
  }

  private synchronized boolean isUndecided() {
    return failures > 0 || running.isPresent();
  }

  private synchronized Duration untilNextAttempt() {
    Duration wait = untilDue();
    return wait.compareTo(TICK) < 0 ? TICK : wait;
  }

  private Duration untilDue() {
    if (lastAttempt.isEmpty()) {
      return Duration.ZERO;
    }
    // Before the first success the start should not cost 30 seconds: 1, 2, 4, … instead.
    Duration pause =
        held.isEmpty() ? Duration.ofSeconds(1L << Math.min(Math.max(failures - 1, 0), 5)) : FLOOR;
    if (pause.compareTo(FLOOR) > 0) {
      pause = FLOOR;
    }
    Duration wait = pause.minus(sinceLastAttempt());
    return wait.isNegative() ? Duration.ZERO : wait;
  }

  private synchronized Duration sinceLastAttempt() {
    return lastAttempt
        .map(then -> Duration.ofNanos(nanoClock.getAsLong() - then))
        .orElse(Duration.ZERO);
  }
}
