package tokenvending.authentication;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tokenvending.identity.Network;
import tokenvending.limits.Rate;
import tokenvending.limits.RateLimiter;
import tokenvending.text.Digest;

/**
 * Limits how many password guesses are checked: at most {@value #GUESSES_PER_MINUTE} in any minute
 * for one user, whether or not the user exists, and as many from one network. Correct guesses do
 * not count.
 *
 * <p>While an attacker guesses a user's password, the remaining checks go to the callers that least
 * resemble an attacker. First come networks from which this user signed in within a day, then
 * networks without a failed attempt, then those with at most two different guesses. All others get
 * only checks beyond the {@value #RESERVE} in reserve. A user is therefore not locked out: with the
 * correct password, from their own network, they are checked at once or after the time in {@link
 * Held}, at most 10 s. A network counts as new for 15 s after its first failed attempt, and again
 * after a day without one. If many networks of one neighborhood (IPv4 /24 and /16, IPv6 /56 and
 * /48) fail, none of them counts as new. An attacker with networks that have never failed competes
 * on equal terms with a new caller while those networks last.
 *
 * <p>A rejected caller is rejected again until its {@code Retry-After} time. That time has a random
 * part unless the caller counts as new, so polling gains nothing. Attempts count before they are
 * checked. Stores at most 100,000 users, networks and neighborhoods each; {@link RateLimiter}
 * describes which counts are removed first, and other entries are removed in the order of their
 * last use. Thread-safe.
 */
final class LoginThrottle {
  static final int GUESSES_PER_MINUTE = 20;
  static final int MOST_KEYS = 100_000;
  static final int RESERVE = 3;

  /** How long a network counts as new after its first failed attempt. */
  static final Duration NEW = Duration.ofSeconds(15);

  /** How long after its {@code Retry-After} time a caller counts as coming back at that time. */
  private static final Duration BACK = Duration.ofSeconds(2);

  /** The time without a failed attempt after which a network counts as new again. */
  static final Duration FORGOTTEN = Duration.ofHours(24);

  /** How long a sign-in distinguishes a network for its user. */
  static final Duration SIGNED_IN = Duration.ofHours(24);

  private static final Duration NEIGHBORHOOD_MEMORY = Duration.ofHours(1);
  private static final int MOST_FAILED_AFTER_SIGN_IN = 5;

  /** How many networks of a neighborhood can fail within an hour before none counts as new. */
  private static final int CROWDED = 16;

  /** 8 at once and 12 per minute allow 20 in any minute. */
  private static final Rate TESTS = new Rate(8, Duration.ofSeconds(40));

  private final LongSupplier nanoClock;
  private final RandomGenerator random;

  // The fields below are guarded by this object; the maps are in order of last use.
  private final RateLimiter<Digest> users;
  private final RateLimiter<Network> networks;
  private final Map<Network, Failures> failures;
  private final Map<Block, Neighborhood> neighborhoods;
  private final Map<Digest, SignIn> signIns;

  /**
   * Starts empty.
   *
   * @param nanoClock a monotonic clock, in nanoseconds
   */
  LoginThrottle(LongSupplier nanoClock, RandomGenerator random, int mostKeys) {
    this.nanoClock = nanoClock;
    this.random = random;
    this.users = new RateLimiter<>(TESTS, mostKeys, nanoClock);
    this.networks = RateLimiter.ofNetworks(TESTS, mostKeys, nanoClock);
    this.failures = bounded(mostKeys);
    this.neighborhoods = bounded(mostKeys);
    this.signIns = bounded(mostKeys);
  }

  /** How much a caller resembles an attacker, from least to most. */
  enum Standing {
    SIGNED_IN_BEFORE,
    NEW,
    SEEN,
    GUESSING
  }

  /**
   * One login attempt.
   *
   * @param networks the networks of the caller's address, the narrowest first
   * @param userAndNetwork a salted digest of the user and the narrowest network
   * @param guess a salted digest of the user and the password
   */
  record Login(List<Network> networks, Digest user, Digest userAndNetwork, Digest guess) {
    Network network() {
      return networks.getFirst();
    }
  }

  /** The decision about an attempt. */
  sealed interface Entry {}

  record Entered(Ticket ticket) implements Entry {}

  /**
   * The guess must not be checked now.
   *
   * @param retryAfter whole seconds
   */
  record Held(Duration retryAfter) implements Entry {}

  /** The right to check one guess. It must be settled exactly once. */
  final class Ticket {
    private final Login login;
    private final Standing standing;

    private Ticket(Login login, Standing standing) {
      this.login = login;
      this.standing = standing;
    }

    Standing standing() {
      return standing;
    }

    void wrong() {
      synchronized (LoginThrottle.this) {
        countAgainstSignIn(login);
        noteFailure(login, nanoClock.getAsLong());
      }
    }

    void right() {
      synchronized (LoginThrottle.this) {
        release();
        signIns.put(login.userAndNetwork(), new SignIn(nanoClock.getAsLong()));
      }
    }

    /** Reports that the guess was not checked. */
    void release() {
      users.refund(List.of(login.user()));
      networks.refund(countedNetworks(login, standing));
    }
  }

  /** Returns the number of stored keys. */
  synchronized int size() {
    return users.size() + networks.size() + failures.size() + signIns.size();
  }

  synchronized Entry enter(Login login) {
    long now = nanoClock.getAsLong();
    @Nullable Failures known = failuresOf(login.network(), now);
    Standing standing = standing(login, known, now);
    if (standing != Standing.SIGNED_IN_BEFORE && known != null && known.isHeld(login.user(), now)) {
      return new Held(seconds(known.heldUntil - now));
    }
    List<Digest> user = List.of(login.user());
    List<Network> counted = countedNetworks(login, standing);
    Duration userWaits = users.waitFor(user, spare(standing, login, known, now));
    Duration networkWaits = networks.waitFor(counted);
    long wait = Math.max(userWaits.toNanos(), networkWaits.toNanos());
    if (wait > 0) {
      // Exact for callers that count as new, so that no other caller takes their check.
      int spread = standing == Standing.NEW ? 0 : random.nextInt(2);
      Duration retryAfter = seconds(wait).plusSeconds(spread);
      noteFailure(login, now).hold(login.user(), now + retryAfter.toNanos());
      countAgainstSignIn(login);
      return new Held(retryAfter);
    }
    users.count(user);
    networks.count(counted);
    return new Entered(new Ticket(login, standing));
  }

  private static List<Network> countedNetworks(Login login, Standing standing) {
    return standing == Standing.SIGNED_IN_BEFORE ? List.of() : login.networks();
  }

  /**
   * Whether the user signed in from this network within a day, with fewer than five failed attempts
   * since.
   */
  synchronized boolean signedInBefore(Login login) {
    return signedInBefore(login, nanoClock.getAsLong());
  }

  private boolean signedInBefore(Login login, long now) {
    @Nullable SignIn signIn = signIns.get(login.userAndNetwork());
    return signIn != null
        && now - signIn.at < SIGNED_IN.toNanos()
        && signIn.failedSince < MOST_FAILED_AFTER_SIGN_IN;
  }

  private void countAgainstSignIn(Login login) {
    @Nullable SignIn signIn = signIns.get(login.userAndNetwork());
    if (signIn != null) {
      signIn.failedSince++;
    }
  }

  private Standing standing(Login login, @Nullable Failures known, long now) {
    if (signedInBefore(login, now)) {
      return Standing.SIGNED_IN_BEFORE;
    }
    if (known != null && known.withGuess(login.guess()) > Failures.FEW) {
      return Standing.GUESSING;
    }
    boolean isNew = known == null || now - known.first < NEW.toNanos();
    return isNew && !isCrowded(login, now) ? Standing.NEW : Standing.SEEN;
  }

  /**
   * Returns how many checks must remain for others when a caller of this standing is checked. A
   * user's allowance grows by 0.2 per second, so a better standing gets the next check 2.5 s
   * earlier. A new caller that comes back at its {@code Retry-After} time is one second ahead of a
   * new caller that was not here before; otherwise each unused network of an attacker could take
   * its check. Everyone leaves one check to a network from which the user signed in.
   */
  private static double spare(Standing standing, Login login, @Nullable Failures known, long now) {
    int guesses = known == null ? 1 : known.withGuess(login.guess());
    return switch (standing) {
      case SIGNED_IN_BEFORE -> 0;
      case NEW -> known != null && known.isBack(login.user(), now) ? 1 : 1.1 + 0.1 * guesses;
      case SEEN -> 1.6 + 0.1 * guesses;
      case GUESSING -> RESERVE;
    };
  }

  private boolean isCrowded(Login login, long now) {
    for (Block block : neighborhoods(login)) {
      @Nullable Neighborhood neighborhood = neighborhoods.get(block);
      if (neighborhood != null
          && neighborhood.failing >= CROWDED
          && now - neighborhood.last < NEIGHBORHOOD_MEMORY.toNanos()) {
        return true;
      }
    }
    return false;
  }

  private @Nullable Failures failuresOf(Network network, long now) {
    @Nullable Failures known = failures.get(network);
    if (known != null && now - known.last >= FORGOTTEN.toNanos()) {
      failures.remove(network);
      return null;
    }
    return known;
  }

  private Failures noteFailure(Login login, long now) {
    @Nullable Failures known = failuresOf(login.network(), now);
    if (known == null) {
      known = new Failures(now);
      failures.put(login.network(), known);
      for (Block block : neighborhoods(login)) {
        Neighborhood neighborhood = neighborhoods.computeIfAbsent(block, _ -> new Neighborhood());
        boolean quiet =
            neighborhood.failing > 0 && now - neighborhood.last >= NEIGHBORHOOD_MEMORY.toNanos();
        neighborhood.failing = quiet ? 1 : neighborhood.failing + 1;
        neighborhood.last = now;
      }
    }
    known.note(login.guess(), now);
    return known;
  }

  /** Returns the neighborhoods of a caller, the narrower first. */
  private static List<Block> neighborhoods(Login login) {
    if (login.networks().size() > 1) {
      return login.networks().stream()
          .skip(1)
          .map(wider -> new Block(wider.share(), wider.bits()))
          .toList();
    }
    long address = login.network().bits();
    return List.of(new Block(24, address & ~0xffL), new Block(16, address & ~0xffffL));
  }

  /** Returns the wait in whole seconds, rounded up, at least one. */
  private static Duration seconds(long nanos) {
    return Duration.ofSeconds(Math.max(1, Math.ceilDiv(nanos, 1_000_000_000L)));
  }

  /** Returns a map that removes the least recently used entry. */
  private static <K, V> Map<K, V> bounded(int most) {
    return new LinkedHashMap<>(16, 0.75f, true) {
      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > most;
      }
    };
  }

  /** An address block; the width distinguishes blocks with the same bits. */
  private record Block(int width, long bits) {}

  /** The failed attempts from one network, for any user; guarded by the throttle. */
  private static final class Failures {
    static final int FEW = 2;

    private final long first;
    private long last;
    private final List<Digest> guesses = new ArrayList<>(FEW + 1);
    private @Nullable Digest heldFor;
    private long heldUntil;

    Failures(long now) {
      this.first = now;
      this.last = now;
    }

    /** Returns the number of different guesses including this one: 1, 2, or 3 for more. */
    int withGuess(Digest guess) {
      return guesses.size() > FEW || guesses.contains(guess) ? guesses.size() : guesses.size() + 1;
    }

    void note(Digest guess, long now) {
      last = now;
      if (guesses.size() <= FEW && !guesses.contains(guess)) {
        guesses.add(guess);
      }
    }

    void hold(Digest user, long until) {
      heldFor = user;
      heldUntil = until;
    }

    boolean isHeld(Digest user, long now) {
      return user.equals(heldFor) && heldUntil - now > 0;
    }

    /** Whether the caller's {@code Retry-After} time ended just now. */
    boolean isBack(Digest user, long now) {
      return user.equals(heldFor) && now - heldUntil < BACK.toNanos();
    }
  }

  /** The failures of adjacent networks; guarded by the throttle. */
  private static final class Neighborhood {
    private int failing;
    private long last;
  }

  /** A user's sign-in from a network; guarded by the throttle. */
  private static final class SignIn {
    private final long at;
    private int failedSince;

    SignIn(long at) {
      this.at = at;
    }
  }
}
