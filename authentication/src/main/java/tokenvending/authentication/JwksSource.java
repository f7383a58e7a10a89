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
 * Caches an issuer's keys by their id. Keys are refreshed before they are five minutes old, and
 * when a token names an unknown key or its signature does not match, but at most once in 30
 * seconds. Every well-formed response replaces the keys, even one without a usable key. During an
 * outage (no response, a status other than 200, or a document that is no key set) the last keys are
 * used for up to 24 hours. A failed fetch during which the process was suspended is not counted.
 * Thread-safe; a caller waits for a fetch for at most two seconds.
 */
public final class JwksSource implements AutoCloseable {
  /**
   * The age at which keys must be refreshed before use; a withdrawn key is rejected from then on.
   */
  static final Duration FRESH = Duration.ofMinutes(5);

  /** The age at which keys are refreshed in the background, so that no caller waits. */
  static final Duration AHEAD = Duration.ofMinutes(4);

  /** How long known keys are used while the issuer is unavailable. */
  static final Duration USABLE = Duration.ofHours(24);

  /** The shortest time between two fetches. */
  static final Duration FLOOR = Duration.ofSeconds(30);

  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Logger LOG = LoggerFactory.getLogger(JwksSource.class);

  /** The result of a look-up by key id. */
  sealed interface Named {}

  /** The keys of that id; all keys if the token names none. */
  record Found(List<VerificationKey> keys) implements Named {
    /** Returns the only key that fits the algorithm, if there is exactly one. */
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

  /** The number of keys that fit an algorithm. */
  sealed interface Fitting {}

  record NoneFits() implements Fitting {}

  record Only(VerificationKey key) implements Fitting {}

  record ManyFit() implements Fitting {}

  /** The issuer has no such key, as of the latest allowed fetch. */
  record Unknown() implements Named {}

  /** The issuer is unavailable. */
  record OutOfReach(Duration retryAfter) implements Named {}

  /** One fetched key set. */
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

  // Written by the fetch in progress, read by every request without a lock.
  private volatile Optional<Held> held = Optional.empty();
  private volatile Optional<String> lastFailure = Optional.empty();
  // All fields below are guarded by this object's lock.
  private Optional<CompletableFuture<Boolean>> running = Optional.empty();
  private Optional<Long> lastAttempt = Optional.empty();
  private int failures;

  /** Creates a source without a thread: it fetches only when a key is requested, or on refresh. */
  JwksSource(
      KeySetLocation location, LongSupplier nanoClock, InstantSource clock, Timeouts timeouts) {
    this.timeouts = timeouts;
    this.fetcher = new DocumentFetcher(timeouts);
    this.location = location;
    this.nanoClock = nanoClock;
    this.clock = clock;
  }

  /**
   * Starts to fetch and keeps the keys fresh until closed, without waiting for the first fetch.
   *
   * @param nanoClock a monotonic clock, in nanoseconds
   * @param clock detects a suspended process, in which the monotonic clock can stop
   */
  public static JwksSource start(
      KeySetLocation location, LongSupplier nanoClock, InstantSource clock) {
    JwksSource source = new JwksSource(location, nanoClock, clock, Timeouts.STANDARD);
    source.refreshIfDue();
    Thread.ofVirtual().name("key-set-refresh").start(source::keepFresh);
    return source;
  }

  /**
   * Creates a source for a process that is suspended between requests. It fetches within requests
   * only; a request waits until the fetch ends, at most four seconds.
   *
   * @param nanoClock monotonic, in nanoseconds
   * @param clock detects a suspension during which the monotonic clock stopped
   */
  public static JwksSource withinRequests(
      KeySetLocation location, LongSupplier nanoClock, InstantSource clock) {
    return new JwksSource(location, nanoClock, clock, Timeouts.WITHIN_REQUEST);
  }

  /** Whether there is a usable key, so that tokens can be verified. */
  public boolean isReady() {
    return problem().isEmpty();
  }

  /** Returns why no token can be verified now, for the operator; empty if one can. */
  public Optional<String> problem() {
    Optional<Held> known = usable();
    if (known.isEmpty() && timeouts.equals(Timeouts.WITHIN_REQUEST)) {
      var _ = fetchIfDue();
      known = usable();
    }
    if (known.isEmpty()) {
      return Optional.of(lastFailure.orElse("not read yet"));
    }
    return known.get().all().keys().isEmpty()
        ? Optional.of("the issuer publishes no usable key")
        : Optional.empty();
  }

  /** Returns the time since the current keys were requested; absent if there is no usable key. */
  public Optional<Duration> age() {
    return usable().filter(known -> !known.all().keys().isEmpty()).map(this::age);
  }

  /** Returns the keys of an id, or all keys for a token that names none. */
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
    // The issuer can have a newer key that could not be fetched, so the token is not known to be
    // invalid.
    return isUndecided() ? new OutOfReach(untilNextAttempt()) : new Unknown();
  }

  /**
   * Returns the current result for a key id if it differs from the one a token was checked with:
   * the issuer can have published another key under the same id. Fetches if the last fetch is old
   * enough.
   *
   * @return empty if nothing changed
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

  /** Refreshes in the background if the keys are about to expire. */
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

  /** Fetches if allowed. Returns whether a successful fetch ended after this call began. */
  private boolean fetchIfDue() {
    Optional<CompletableFuture<Boolean>> fetch = beginIfDue();
    if (fetch.isEmpty()) {
      return false;
    }
    // Measured from the start of the fetch: an unresponsive issuer must not delay every request.
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

  /** Returns the fetch in progress, or starts one if the last one is old enough. */
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
    long begun = nanoClock.getAsLong();
    Instant begunAt = clock.instant();
    try {
      replaced = replaceKeys();
    } finally {
      ended(replaced, elapsed(begun, begunAt));
      fetch.complete(replaced);
    }
  }

  private synchronized void ended(boolean replaced, Duration took) {
    running = Optional.empty();
    if (!replaced && took.compareTo(timeouts.inAll().multipliedBy(2).plus(TICK)) > 0) {
      // Longer than both documents can take: the process was suspended, and can fetch at once.
      lastAttempt = Optional.empty();
      return;
    }
    failures = replaced ? 0 : failures + 1;
  }

  private boolean replaceKeys() {
    // Taken before the request: a slow response is as old as its request.
    long nanos = nanoClock.getAsLong();
    Instant now = clock.instant();
    // The discovery document is fetched each time: an issuer that moves its keys withdraws the old
    // set.
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
    // OpenID Connect Discovery §4.3; otherwise one issuer could impersonate another.
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

  /** Returns the usable keys; others are ignored (RFC 7517 §5). */
  private static List<VerificationKey> keys(List<Json> items) {
    List<VerificationKey> keys = new ArrayList<>();
    // A key that is listed twice counts once; otherwise it would be ambiguous.
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

  private Duration age(Held keys) {
    return elapsed(keys.sinceNanos(), keys.since());
  }

  /** By the clock that says more: a frozen process may find its monotonic clock frozen too. */
  private Duration elapsed(long sinceNanos, Instant since) {
    Duration monotonic = Duration.ofNanos(nanoClock.getAsLong() - sinceNanos);
    Duration byTheWall = Duration.between(since, clock.instant());
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
    // Until the first success, the pauses are 1, 2, 4, … seconds, so that a start does not wait 30.
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
