package tokenvending.authentication;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiPredicate;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tokenvending.authentication.Users.User;
import tokenvending.identity.Attempt;
import tokenvending.identity.AuthenticationResult;
import tokenvending.identity.AuthenticationResult.Authenticated;
import tokenvending.identity.AuthenticationResult.LoginThrottled;
import tokenvending.identity.AuthenticationResult.Reason;
import tokenvending.identity.AuthenticationResult.Unauthenticated;
import tokenvending.identity.AuthenticationResult.Undecidable;
import tokenvending.identity.Authenticator;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.Network;
import tokenvending.identity.PresentedCredential;
import tokenvending.identity.PresentedCredential.UserPassword;
import tokenvending.identity.Principal;
import tokenvending.limits.RecentKeys;
import tokenvending.policy.AuthenticationMethod;
import tokenvending.secret.Secret;
import tokenvending.text.Digest;

/**
 * Checks the names and passwords of the users file (RFC 7617), prepared by {@link OpaqueString}. An
 * unknown name takes as long as a wrong password. {@link LoginThrottle} limits how many guesses are
 * checked; a wrong guess that is repeated within ten minutes is rejected without a check and does
 * not count. Thread-safe. The counts are in this object, so use one for the life of the process.
 */
public final class PasswordAuthenticator implements Authenticator {
  static final int LONGEST = 1024;

  /** How long a correct password is accepted without hashing it again. */
  static final Duration REMEMBERED = Duration.ofSeconds(60);

  /** How long a wrong guess is rejected without hashing it again. */
  static final Duration REMEMBERED_WRONG = Duration.ofMinutes(10);

  private static final int MOST_REMEMBERED = 10_000;
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final Duration WHEN_BUSY = Duration.ofSeconds(2);
  private static final Duration WHEN_WITHOUT_USERS = Duration.ofSeconds(5);
  private static final List<String> CHALLENGES =
      List.of("Basic realm=\"token-vending\", charset=\"UTF-8\"");

  private final Supplier<Optional<Users>> users;
  private final BiPredicate<Argon2Hash, Secret> hashing;
  private final SecureRandom random;

  /**
   * The salt of every stored digest. It exists only in memory, so the digests cannot be used to
   * guess passwords.
   */
  private final String salt;

  private final LoginThrottle throttle;
  private final RecentKeys<Digest> right;
  private final RecentKeys<Digest> wrong;
  private final Semaphore cores;
  private final ConcurrentHashMap<Digest, CompletableFuture<Verdict>> running =
      new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Argon2Hash.Cost, Argon2Hash> decoys = new ConcurrentHashMap<>();

  /**
   * Creates an authenticator.
   *
   * @param users read at each attempt; empty while the file cannot be read
   * @param nanoClock a monotonic clock, in nanoseconds
   * @param cores how many passwords are hashed at a time, each on one core and with its own memory
   */
  public PasswordAuthenticator(
      Supplier<Optional<Users>> users, LongSupplier nanoClock, SecureRandom random, int cores) {
    this(users, nanoClock, random, cores, Argon2Hash::matches);
  }

  PasswordAuthenticator(
      Supplier<Optional<Users>> users,
      LongSupplier nanoClock,
      SecureRandom random,
      int cores,
      BiPredicate<Argon2Hash, Secret> hashing) {
    this.users = users;
    this.hashing = hashing;
    this.random = random;
    this.salt = random.nextLong() + " " + random.nextLong();
    this.throttle = new LoginThrottle(nanoClock, random, LoginThrottle.MOST_KEYS);
    this.right = new RecentKeys<>(nanoClock, REMEMBERED, MOST_REMEMBERED);
    this.wrong = new RecentKeys<>(nanoClock, REMEMBERED_WRONG, MOST_REMEMBERED);
    this.cores = new Semaphore(cores, true);
  }

  @Override
  public Optional<AuthenticationResult> authenticate(
      PresentedCredential credential, Attempt attempt) {
    return credential instanceof UserPassword(String name, Secret password)
        ? Optional.of(judge(name, password, attempt))
        : Optional.empty();
  }

  private AuthenticationResult judge(String name, Secret password, Attempt attempt) {
    // HMAC pads its keys with zeros, so some hashes treat P and P + NUL as one password; no control
    // character reaches a hash.
    if (!isAcceptable(name) || password.length() > LONGEST || !isAcceptable(password.reveal())) {
      return new Unauthenticated(Reason.MALFORMED_CREDENTIAL, CHALLENGES);
    }
    Optional<Users> known = users.get();
    if (known.isEmpty()) {
      return new Undecidable(WHEN_WITHOUT_USERS);
    }
    return new Try(known.get(), OpaqueString.of(name), OpaqueString.of(password), attempt.from())
        .run();
  }

  @Override
  public List<String> challenges() {
    return CHALLENGES;
  }

  /** Whether the text is not empty, at most 1024 bytes long, and free of control characters. */
  static boolean isAcceptable(String text) {
    return !text.isEmpty()
        && text.length() <= LONGEST
        && text.getBytes(UTF_8).length <= LONGEST
        && text.chars().noneMatch(Character::isISOControl);
  }

  /** The result of one guess. */
  private sealed interface Verdict {}

  private record Right() implements Verdict {}

  private record Wrong() implements Verdict {}

  private record TooFast(Duration retryAfter) implements Verdict {}

  private record NotJudged() implements Verdict {}

  /** One attempt, and the values that its steps share. */
  private final class Try {
    private final String name;
    private final Secret password;
    private final Optional<User> user;
    private final Argon2Hash hash;
    private final LoginThrottle.Login login;
    private final Digest ofCredential;
    private final Digest ofAttempt;

    Try(Users users, String name, Secret password, ClientAddress from) {
      List<Network> networks = from.networks();
      String network = networks.getFirst().text();
      this.name = name;
      this.password = password;
      this.user = users.find(name);
      Digest ofName = digest("user", name);
      // Computed for every name, so that a known one takes as long as an unknown one.
      Argon2Hash decoy = decoy(users, ofName);
      this.hash = user.map(User::hash).orElse(decoy);
      // Includes the hash, so that a changed password invalidates the cached result.
      this.ofCredential = digest("credential", name, password.reveal(), hash.text());
      this.login =
          new LoginThrottle.Login(
              networks, ofName, digest("user and network", name, network), ofCredential);
      this.ofAttempt = digest("attempt", name, password.reveal(), hash.text(), network);
    }

    AuthenticationResult run() {
      return switch (judgeOnce()) {
        case Right() ->
            new Authenticated(
                Principal.verified(
                    AuthenticationMethod.Passwords.ISSUER,
                    name,
                    user.orElseThrow().groups(),
                    Map.of(),
                    Optional.empty()));
        case Wrong() -> new Unauthenticated(Reason.WRONG_PASSWORD, CHALLENGES);
        case TooFast(Duration retryAfter) -> new LoginThrottled(retryAfter);
        case NotJudged() -> new Undecidable(WHEN_BUSY);
      };
    }

    /**
     * Checks the guess. Concurrent requests from one network with the same credential count as one
     * guess and one hash.
     */
    private Verdict judgeOnce() {
      if (wrong.contains(ofCredential)) {
        return new Wrong();
      }
      // For other networks the throttle comes first; otherwise cached passwords could be guessed at
      // full speed.
      if (isRemembered() && throttle.signedInBefore(login)) {
        return new Right();
      }
      CompletableFuture<Verdict> mine = new CompletableFuture<>();
      @Nullable CompletableFuture<Verdict> others = running.putIfAbsent(ofAttempt, mine);
      if (others != null) {
        return await(others);
      }
      Verdict verdict = new NotJudged();
      try {
        verdict = judge();
      } finally {
        running.remove(ofAttempt);
        mine.complete(verdict);
      }
      return verdict;
    }

    private boolean isRemembered() {
      return user.isPresent() && right.contains(ofCredential);
    }

    private Verdict judge() {
      return switch (throttle.enter(login)) {
        case LoginThrottle.Held(Duration retryAfter) -> new TooFast(retryAfter);
        case LoginThrottle.Entered(LoginThrottle.Ticket ticket) -> settled(ticket);
      };
    }

    /** Settles the ticket in every case: a lost one would count as a guess. */
    private Verdict settled(LoginThrottle.Ticket ticket) {
      Verdict verdict = new NotJudged();
      try {
        verdict = isRemembered() ? new Right() : hashed(ticket.standing());
        return verdict;
      } finally {
        switch (verdict) {
          case Right() -> {
            right.put(ofCredential);
            ticket.right();
          }
          case Wrong() -> {
            wrong.put(ofCredential);
            ticket.wrong();
          }
          case TooFast _, NotJudged() -> ticket.release();
        }
      }
    }

    /**
     * Returns how many attempts can wait for a core; fewer for callers that resemble an attacker.
     */
    private static int mostWaiting(LoginThrottle.Standing standing) {
      return switch (standing) {
        case SIGNED_IN_BEFORE, NEW -> 64;
        case SEEN -> 40;
        case GUESSING -> 16;
      };
    }

    private Verdict hashed(LoginThrottle.Standing standing) {
      if (cores.getQueueLength() >= mostWaiting(standing)) {
        return new NotJudged();
      }
      try {
        if (!cores.tryAcquire(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
          return new NotJudged();
        }
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        return new NotJudged();
      }
      try {
        boolean matches = hashing.test(hash, password);
        if (Thread.currentThread().isInterrupted()) {
          // The library can have stopped midway, so its result is not reliable.
          return new NotJudged();
        }
        return matches && user.isPresent() ? new Right() : new Wrong();
      } finally {
        cores.release();
      }
    }
  }

  private static Verdict await(CompletableFuture<Verdict> verdict) {
    try {
      return verdict.get(TIMEOUT.toMillis() * 2, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException _) {
      return new NotJudged();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return new NotJudged();
    }
  }

  private Digest digest(String... parts) {
    return Digest.of(Stream.concat(Stream.of(salt), Stream.of(parts)).toArray(String[]::new));
  }

  /** Returns the hash for a name without a user; its cost is always the same for the same name. */
  private Argon2Hash decoy(Users users, Digest ofName) {
    List<Argon2Hash.Cost> costs = users.costs();
    Argon2Hash.Cost cost = costs.get(Math.floorMod(ofName.first(), costs.size()));
    return decoys.computeIfAbsent(cost, missing -> Argon2Hash.ofNothing(missing, random));
  }
}
