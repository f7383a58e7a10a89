package tokenvending.momento;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tokenvending.budget.AcquireResult;
import tokenvending.budget.Budget;
import tokenvending.budget.BudgetCaller;
import tokenvending.budget.Permit;
import tokenvending.identity.Attempt;
import tokenvending.issuing.IssueResult;
import tokenvending.issuing.IssueResult.Category;
import tokenvending.issuing.IssueResult.Cause;
import tokenvending.issuing.IssueResult.Issued;
import tokenvending.issuing.IssueResult.Unavailable;
import tokenvending.issuing.IssueResult.UpstreamFault;
import tokenvending.issuing.TokenIssuer;
import tokenvending.momento.TokenServiceReply.Failed;
import tokenvending.momento.wire._GenerateDisposableTokenRequest;
import tokenvending.momento.wire._GenerateDisposableTokenResponse;
import tokenvending.observation.CallOutcome;
import tokenvending.observation.ReloadState.Reload;
import tokenvending.policy.Grant;
import tokenvending.reuse.TokenSeal;

/**
 * Obtains tokens from Momento's token service, {@code token.Token/GenerateDisposableToken}. For
 * every call, the second and third included, a turn in the {@link Budget} is waited for; from the
 * first turn on all ends within the deadline, retries and a change of the key included. Only {@code
 * UNAVAILABLE} is tried again, at most twice; a key that is refused is read anew, and where it
 * changed the call is made once more. When the thread is interrupted the call is cancelled.
 */
public final class MomentoTokenIssuer implements TokenIssuer, AutoCloseable {
  /** Leaves a caller with a limit of ten seconds time to queue and to be answered. */
  public static final Duration USUAL_DEADLINE = Duration.ofSeconds(4);

  /** A turn in the budget included. */
  private static final Duration LONGEST = Duration.ofSeconds(9);

  private static final int RETRIES = 2;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);

  private static final Duration AFTER_LIMIT = Duration.ofSeconds(1);
  private static final Duration AFTER_OUTAGE = Duration.ofSeconds(2);
  private static final Duration AFTER_NO_KEY = Duration.ofSeconds(2);
  private static final Duration AFTER_GONE = Duration.ofSeconds(1);

  private static final Logger LOG = LoggerFactory.getLogger(MomentoTokenIssuer.class);

  private final RotatingApiKey apiKey;
  private final Optional<TokenServiceAddress> tokenService;
  private final TokenServiceConnector connector;
  private final Duration deadline;
  private final Budget budget;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final RandomGenerator random;

  private final ReentrantLock connecting = new ReentrantLock();
  private volatile Optional<Way> way = Optional.empty();
  private volatile boolean closed;
  private final KeyRefusals refusals;

  /**
   * Neither reads the key nor connects: the first call does.
   *
   * @param tokenService where the service is, when it is not where the key says
   * @param connector makes the ways to it
   * @param deadline for one {@link #issue} from its first turn on, see {@link #USUAL_DEADLINE}
   * @param budget asked before each call, and told how it ended
   * @param nanoTime a clock that never steps
   * @param random spreads retries
   */
  public MomentoTokenIssuer(
      RotatingApiKey apiKey,
      Optional<TokenServiceAddress> tokenService,
      TokenServiceConnector connector,
      Duration deadline,
      Budget budget,
      InstantSource clock,
      LongSupplier nanoTime,
      RandomGenerator random) {
    this.apiKey = apiKey;
    this.tokenService = tokenService;
    this.connector = connector;
    this.deadline = deadline;
    this.budget = budget;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.random = random;
    this.refusals = new KeyRefusals(nanoTime);
  }

  /** The open way to a token service. */
  private record Way(TokenServiceAddress address, TokenServiceConnection connection) {}

  /** A moment by which something must be done, as {@link #nanoTime} counts. */
  private record Deadline(long nanos) {}

  /** How one exchange of messages ended: an answer, or a result and the status behind it. */
  private sealed interface Reply {
    record Answer(_GenerateDisposableTokenResponse response) implements Reply {}

    /**
     * @param status the gRPC status, or what stands for one, for the log
     * @param cause what is behind it, for the log
     */
    record Failure(IssueResult result, String status, FailureCause cause, boolean mayBeTriedAgain)
        implements Reply {}

    /** No message was sent. */
    record NotSent(IssueResult result) implements Reply {}
  }

  @Override
  public IssueResult issue(Grant grant, Attempt attempt) {
    Deadline whole = in(LONGEST);
    return switch (apiKey.current(shorter(deadline, left(whole)))) {
      case KeyReading.Unusable(String problem) ->
          failed(
              new Unavailable(Cause.NO_API_KEY, AFTER_NO_KEY),
              "none",
              new FailureCause.NoApiKey(problem),
              tokenService);
      case KeyReading.Usable(MomentoApiKey key) -> issue(grant, attempt, whole, key);
    };
  }

  private IssueResult issue(Grant grant, Attempt attempt, Deadline whole, MomentoApiKey key) {
    BudgetCaller caller = BudgetCaller.of(grant.caller(), attempt.from());
    Duration waited = Duration.between(attempt.at(), clock.instant());
    return switch (budget.acquire(caller, waited, left(whole))) {
      case AcquireResult.Rejected(Cause cause, Duration retryAfter) ->
          new Unavailable(cause, retryAfter);
      case AcquireResult.Acquired(Permit first) -> {
        Duration longest = shorter(deadline, left(whole));
        yield issue(new Request(grant, caller, in(longest)), key, first);
      }
    };
  }

  /** What stays the same while one token is asked for, however often. */
  private record Request(Grant grant, BudgetCaller caller, Deadline until) {}

  private IssueResult issue(Request request, MomentoApiKey key, Permit first) {
    MomentoApiKey used = key;
    Reply reply = ask(key, request, first);
    if (reply instanceof Reply.Failure failure
        && isAboutTheKey(failure.result())
        && apiKey.insteadOf(key, left(request.until()))
            instanceof KeyReading.Usable(MomentoApiKey other)
        && other != key
        && nextTurn(request) instanceof AcquireResult.Acquired(Permit second)) {
      used = other;
      reply = ask(other, request, second);
    }
    note(reply, used);
    Optional<TokenServiceAddress> address = Optional.of(tokenService.orElse(used.tokenService()));
    return switch (reply) {
      case Reply.Answer(_GenerateDisposableTokenResponse response) ->
          TokenAnswer.read(response, request.grant())
              .<IssueResult>map(Issued::new)
              .orElseGet(
                  () ->
                      failed(
                          nonsense(),
                          GrpcStatus.OK.name(),
                          FailureCause.Network.NOT_A_TOKEN,
                          address));
      case Reply.Failure failure ->
          failed(failure.result(), failure.status(), failure.cause(), address);
      case Reply.NotSent(IssueResult result) -> result;
    };
  }

  /** What an answer shows about the key; an outage shows nothing. */
  private void note(Reply reply, MomentoApiKey used) {
    switch (reply) {
      case Reply.Answer answer -> refusals.accepted();
      case Reply.NotSent notSent -> {}
      case Reply.Failure failure -> {
        if (failure.result() instanceof UpstreamFault(Category category)) {
          switch (category) {
            case KEY_REFUSED -> refusals.refused(used);
            case KEY_NOT_ALLOWED, REQUEST_REFUSED -> refusals.accepted();
            case NONSENSE_ANSWER, UNEXPECTED_STATUS -> {}
          }
        }
      }
    }
  }

  /**
   * For how long Momento has refused the key in use; zero where it accepted the latest call, where
   * another key was read since, and after a minute without a call.
   */
  public Duration keyRefusedFor() {
    return key() instanceof KeyReading.Usable(MomentoApiKey key)
        ? refusals.lasting(key)
        : Duration.ZERO;
  }

  /** Whether the key could be read the last time; empty where it is never read again. */
  public Optional<Reload> keyReload() {
    return apiKey.reload();
  }

  private AcquireResult nextTurn(Request request) {
    // It stands behind those who have not had one.
    return budget.acquire(request.caller(), Duration.ZERO, left(request.until()));
  }

  /** Seals what was minted with the key in use; absent while there is none. */
  public Optional<TokenSeal> seal() {
    return key() instanceof KeyReading.Usable(MomentoApiKey key)
        ? Optional.of(key.seal())
        : Optional.empty();
  }

  /** Whether there is a key to send, and to which service. Reads it where that is due. */
  public KeyReading key() {
    return apiKey.current(deadline);
  }

  /**
   * Connects ahead of the first call, so that it finds everything loaded and open. Gives up after
   * {@code patience}; mints nothing, and does not say how it went: the next call will.
   */
  public void connect(Duration patience) {
    Deadline until = in(patience);
    // Where the address does not come with the key, both are waited for at once.
    tokenService.flatMap(this::connectionTo).ifPresent(open -> open.awaitConnected(Duration.ZERO));
    if (!(apiKey.current(patience) instanceof KeyReading.Usable(MomentoApiKey key))) {
      return;
    }
    connectionTo(tokenService.orElse(key.tokenService()))
        .ifPresent(open -> open.awaitConnected(left(until)));
  }

  /** Ends the connection, calls under way included. The next {@link #issue} makes another. */
  public void disconnect() {
    connecting.lock();
    try {
      Optional<Way> open = way;
      way = Optional.empty();
      open.ifPresent(one -> one.connection().close());
    } finally {
      connecting.unlock();
    }
  }

  /** Disconnects for good; what is asked for later is {@link Unavailable}. */
  @Override
  public void close() {
    closed = true;
    disconnect();
  }

  private Reply ask(MomentoApiKey key, Request request, Permit first) {
    TokenServiceAddress address = tokenService.orElse(key.tokenService());
    Permit call = first;
    for (int retry = 0; ; retry++) {
      Reply reply = askOnce(address, key, request, call);
      if (!(reply instanceof Reply.Failure failure)
          || !failure.mayBeTriedAgain()
          || retry == RETRIES
          || closed
          || !pause(retry, request.until())
          || !(nextTurn(request) instanceof AcquireResult.Acquired(Permit next))) {
        return reply;
      }
      call = next;
    }
  }

  /** The message; empty where the session ended while a turn was waited for. */
  private Optional<ByteString> message(MomentoApiKey key, Grant grant) {
    // The grant was made some seconds ago: what is left of the session has become shorter.
    Duration ttl =
        grant
            .notAfter()
            .map(end -> shorter(grant.ttl(), Duration.between(clock.instant(), end)))
            .orElse(grant.ttl());
    if (ttl.toSeconds() < 1) {
      return Optional.empty();
    }
    _GenerateDisposableTokenRequest.Builder request =
        _GenerateDisposableTokenRequest.newBuilder()
            .setExpires(
                _GenerateDisposableTokenRequest.Expires.newBuilder()
                    .setValidForSeconds(Math.toIntExact(ttl.toSeconds())))
            .setAuthToken(key.key().reveal())
            .setPermissions(WirePermissions.of(grant.permissions()));
    grant.tokenId().ifPresent(id -> request.setTokenId(id.value()));
    return Optional.of(request.build().toByteString());
  }

  private Reply askOnce(
      TokenServiceAddress address, MomentoApiKey key, Request request, Permit call) {
    Optional<ByteString> message = message(key, request.grant());
    if (message.isEmpty()) {
      call.release();
      return new Reply.NotSent(new Unavailable(Cause.SESSION_OVER, AFTER_GONE));
    }
    Optional<TokenServiceConnection> open = connectionTo(address);
    if (open.isEmpty()) {
      call.release();
      return failure(Failed.unavailable(FailureCause.Network.CLOSING));
    }
    Permit held = call;
    while (!held.isValid()) {
      // This process stood still, or was busy, for too long: the slot may be somebody else's now.
      held.release();
      switch (nextTurn(request)) {
        case AcquireResult.Rejected(Cause cause, Duration retryAfter) -> {
          return new Reply.NotSent(new Unavailable(cause, retryAfter));
        }
        case AcquireResult.Acquired(Permit next) -> held = next;
      }
    }
    Deadline until = request.until();
    Reply reply = read(inTime(open.get().call(message.get(), left(until)), until));
    held.complete(
        switch (reply) {
          case Reply.Answer answer -> CallOutcome.ANSWERED;
          case Reply.Failure failure -> ending(failure.result());
          case Reply.NotSent notSent -> CallOutcome.ABANDONED;
        });
    return reply;
  }

  /**
   * A service that keeps the deadline, too, can only break the call off, and we may hear of it
   * before we have seen that the time is over.
   */
  private TokenServiceReply inTime(TokenServiceReply reply, Deadline until) {
    boolean brokenOff =
        switch (reply) {
          case TokenServiceReply.BrokenOff(FailureCause cause) -> true;
          case Failed(GrpcStatus status, FailureCause cause) ->
              status == GrpcStatus.CANCELLED && !Thread.currentThread().isInterrupted();
          case TokenServiceReply.Answer answer -> false;
          case TokenServiceReply.Unreadable unreadable -> false;
        };
    return brokenOff && left(until).isZero()
        ? new Failed(GrpcStatus.DEADLINE_EXCEEDED, FailureCause.Network.DEADLINE)
        : reply;
  }

  private static Reply read(TokenServiceReply reply) {
    return switch (reply) {
      case TokenServiceReply.Answer(ByteString message) -> {
        try {
          yield new Reply.Answer(_GenerateDisposableTokenResponse.parseFrom(message));
        } catch (InvalidProtocolBufferException e) {
          yield new Reply.Failure(
              nonsense(), GrpcStatus.OK.name(), FailureCause.Network.NOT_A_TOKEN, false);
        }
      }
      case Failed failed -> failure(failed);
      case TokenServiceReply.BrokenOff(FailureCause cause) ->
          new Reply.Failure(unreachable(), "RESET", cause, false);
      case TokenServiceReply.Unreadable(FailureCause cause) ->
          new Reply.Failure(nonsense(), "UNREADABLE", cause, false);
    };
  }

  private static CallOutcome ending(IssueResult result) {
    return switch (result) {
      case Issued issued -> CallOutcome.ANSWERED;
      case Unavailable(Cause cause, Duration retryAfter) ->
          switch (cause) {
            case UPSTREAM_LIMIT -> CallOutcome.OVER_LIMIT;
            case CALLER_GONE -> CallOutcome.ABANDONED;
            case UPSTREAM_UNREACHABLE -> CallOutcome.UNREACHABLE;
            case UPSTREAM_TOO_SLOW -> CallOutcome.TOO_SLOW;
            case UPSTREAM_LEFT_ALONE, BUDGET_USED_UP, STATE_AWAY, SESSION_OVER, NO_API_KEY ->
                CallOutcome.FAILED;
          };
      case UpstreamFault(Category category) ->
          switch (category) {
            case KEY_REFUSED, KEY_NOT_ALLOWED -> CallOutcome.KEY_REFUSED;
            case REQUEST_REFUSED -> CallOutcome.REQUEST_REFUSED;
            case NONSENSE_ANSWER, UNEXPECTED_STATUS -> CallOutcome.FAILED;
          };
    };
  }

  /**
   * What each status means for the caller. Where the service failed, another request later can
   * succeed; where it does not know this call or its arguments, somebody must mend something first
   * (gRPC, statuscodes.md). Only {@code UNAVAILABLE} is tried again.
   */
  private static Reply failure(Failed failed) {
    GrpcStatus status = failed.status();
    IssueResult result =
        switch (status) {
          case UNAVAILABLE, INTERNAL, UNKNOWN, ABORTED, DATA_LOSS -> unreachable();
          case DEADLINE_EXCEEDED -> new Unavailable(Cause.UPSTREAM_TOO_SLOW, AFTER_OUTAGE);
          case RESOURCE_EXHAUSTED -> new Unavailable(Cause.UPSTREAM_LIMIT, AFTER_LIMIT);
          case UNAUTHENTICATED -> new UpstreamFault(Category.KEY_REFUSED);
          case PERMISSION_DENIED -> new UpstreamFault(Category.KEY_NOT_ALLOWED);
          case INVALID_ARGUMENT -> new UpstreamFault(Category.REQUEST_REFUSED);
          case CANCELLED ->
              Thread.currentThread().isInterrupted()
                  ? new Unavailable(Cause.CALLER_GONE, AFTER_GONE)
                  : unreachable();
          case OK, NOT_FOUND, ALREADY_EXISTS, FAILED_PRECONDITION, OUT_OF_RANGE, UNIMPLEMENTED ->
              new UpstreamFault(Category.UNEXPECTED_STATUS);
        };
    return new Reply.Failure(
        result, status.name(), failed.cause(), status == GrpcStatus.UNAVAILABLE);
  }

  private static Unavailable unreachable() {
    return new Unavailable(Cause.UPSTREAM_UNREACHABLE, AFTER_OUTAGE);
  }

  private static UpstreamFault nonsense() {
    return new UpstreamFault(Category.NONSENSE_ANSWER);
  }

  private static boolean isAboutTheKey(IssueResult result) {
    return result instanceof UpstreamFault(Category category)
        && (category == Category.KEY_REFUSED || category == Category.KEY_NOT_ALLOWED);
  }

  /** Waits before the next attempt; false where the deadline leaves no time for one. */
  private boolean pause(int retry, Deadline until) {
    // 50 to 150 ms, then 150 to 450 ms: callers who failed together do not come back together.
    long shortest = FIRST_PAUSE.toNanos() * (retry == 0 ? 1 : 3);
    long pause = shortest + random.nextLong(2 * shortest);
    if (left(until).toNanos() <= pause) {
      return false;
    }
    try {
      TimeUnit.NANOSECONDS.sleep(pause);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private Optional<TokenServiceConnection> connectionTo(TokenServiceAddress address) {
    Optional<Way> open = way;
    if (open.isPresent() && open.get().address().equals(address)) {
      return open.map(Way::connection);
    }
    connecting.lock();
    try {
      if (closed) {
        return Optional.empty();
      }
      Optional<Way> present = way;
      if (present.isPresent() && present.get().address().equals(address)) {
        return present.map(Way::connection);
      }
      TokenServiceConnection fresh = connector.open(address);
      way = Optional.of(new Way(address, fresh));
      present.ifPresent(one -> one.connection().retire());
      return Optional.of(fresh);
    } finally {
      connecting.unlock();
    }
  }

  /** For tests: which service the open connection is to. */
  Optional<TokenServiceAddress> connectedTo() {
    return way.map(Way::address);
  }

  private Deadline in(Duration time) {
    return new Deadline(nanoTime.getAsLong() + time.toNanos());
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private Duration left(Deadline until) {
    return Duration.ofNanos(Math.max(0, until.nanos() - nanoTime.getAsLong()));
  }

  /** One line for each failure. The status's text is left out: a service may echo the request. */
  private static IssueResult failed(
      IssueResult result,
      String status,
      FailureCause cause,
      Optional<TokenServiceAddress> address) {
    String category =
        switch (result) {
          case Unavailable(Cause reason, Duration retryAfter) -> reason.name();
          case UpstreamFault(Category fault) -> fault.name();
          case Issued issued -> throw new IllegalArgumentException("that did not fail");
        };
    LOG.atWarn()
        .addKeyValue("category", category)
        .addKeyValue("status", status)
        .addKeyValue("cause", cause.text())
        .addKeyValue("host", address.map(TokenServiceAddress::authority).orElse("unknown"))
        .log("no token from the token service");
    return result;
  }
}
