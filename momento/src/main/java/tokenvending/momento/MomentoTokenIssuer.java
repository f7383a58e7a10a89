package tokenvending.momento;

import io.grpc.CallOptions;
import io.grpc.ChannelCredentials;
import io.grpc.ConnectivityState;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.ClientCalls;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tokenvending.issuing.IssueResult;
import tokenvending.issuing.IssueResult.Category;
import tokenvending.issuing.IssueResult.Cause;
import tokenvending.issuing.IssueResult.Issued;
import tokenvending.issuing.IssueResult.Unavailable;
import tokenvending.issuing.IssueResult.UpstreamFault;
import tokenvending.issuing.TokenIssuer;
import tokenvending.momento.wire.TokenGrpc;
import tokenvending.momento.wire._GenerateDisposableTokenRequest;
import tokenvending.momento.wire._GenerateDisposableTokenResponse;
import tokenvending.policy.Grant;

/**
 * Obtains tokens from Momento's token service, {@code token.Token/GenerateDisposableToken}. Every
 * call ends within its deadline, retries and a change of the key included. Only {@code UNAVAILABLE}
 * is tried again, at most twice; a key that is refused is read anew, and where it changed the call
 * is made once more.
 */
public final class MomentoTokenIssuer implements TokenIssuer, AutoCloseable {
  /** Leaves a caller with a limit of ten seconds time to queue and to be answered. */
  public static final Duration USUAL_DEADLINE = Duration.ofSeconds(4);

  private static final int RETRIES = 2;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);

  private static final Duration AFTER_LIMIT = Duration.ofSeconds(1);
  private static final Duration AFTER_OUTAGE = Duration.ofSeconds(2);
  private static final Duration AFTER_NO_KEY = Duration.ofSeconds(2);

  private static final Logger LOG = LoggerFactory.getLogger(MomentoTokenIssuer.class);

  private final RotatingApiKey apiKey;
  private final Optional<TokenServiceAddress> tokenService;
  private final ChannelCredentials tls;
  private final Duration deadline;
  private final RandomGenerator random;

  private final ReentrantLock connecting = new ReentrantLock();
  private volatile Optional<TokenServiceConnection> connection = Optional.empty();
  private volatile boolean closed;

  /**
   * Trusts whom the JDK trusts. Neither reads the key nor connects: the first call does.
   *
   * @param tokenService where the service is, when it is not where the key says
   * @param deadline for one {@link #issue}, see {@link #USUAL_DEADLINE}
   * @param random spreads retries
   */
  public MomentoTokenIssuer(
      RotatingApiKey apiKey,
      Optional<TokenServiceAddress> tokenService,
      Duration deadline,
      RandomGenerator random) {
    this(apiKey, tokenService, deadline, random, TlsChannelCredentials.create());
  }

  MomentoTokenIssuer(
      RotatingApiKey apiKey,
      Optional<TokenServiceAddress> tokenService,
      Duration deadline,
      RandomGenerator random,
      ChannelCredentials tls) {
    this.apiKey = apiKey;
    this.tokenService = tokenService;
    this.deadline = deadline;
    this.random = random;
    this.tls = tls;
  }

  /** How one exchange of messages ended: an answer, or a result and the status behind it. */
  private sealed interface Reply {
    record Answer(_GenerateDisposableTokenResponse response) implements Reply {}

    record Failure(IssueResult result, Status.Code code) implements Reply {}
  }

  @Override
  public IssueResult issue(Grant grant) {
    Deadline until = Deadline.after(deadline.toNanos(), TimeUnit.NANOSECONDS);
    if (!(apiKey.current(left(until)) instanceof KeyReading.Usable(MomentoApiKey key))) {
      return failed(new Unavailable(Cause.NO_API_KEY, AFTER_NO_KEY), "none");
    }
    Reply reply = ask(key, grant, until);
    if (reply instanceof Reply.Failure(IssueResult result, Status.Code code)
        && isAboutTheKey(result)
        && apiKey.insteadOf(key, left(until)) instanceof KeyReading.Usable(MomentoApiKey other)
        && other != key) {
      reply = ask(other, grant, until);
    }
    return switch (reply) {
      case Reply.Answer(_GenerateDisposableTokenResponse response) ->
          TokenAnswer.read(response, grant)
              .<IssueResult>map(Issued::new)
              .orElseGet(() -> failed(nonsense(), "OK"));
      case Reply.Failure(IssueResult result, Status.Code code) -> failed(result, code.name());
    };
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
    Deadline until = Deadline.after(patience.toNanos(), TimeUnit.NANOSECONDS);
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
      Optional<TokenServiceConnection> open = connection;
      connection = Optional.empty();
      open.ifPresent(TokenServiceConnection::close);
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

  private Reply ask(MomentoApiKey key, Grant grant, Deadline until) {
    _GenerateDisposableTokenRequest request = request(key, grant);
    TokenServiceAddress address = tokenService.orElse(key.tokenService());
    for (int retry = 0; ; retry++) {
      Reply reply = askOnce(address, request, until);
      if (!(reply instanceof Reply.Failure(IssueResult result, Status.Code code))
          || code != Status.Code.UNAVAILABLE
          || retry == RETRIES
          || closed
          || !pause(retry, until)) {
        return reply;
      }
    }
  }

  private static _GenerateDisposableTokenRequest request(MomentoApiKey key, Grant grant) {
    _GenerateDisposableTokenRequest.Builder request =
        _GenerateDisposableTokenRequest.newBuilder()
            .setExpires(
                _GenerateDisposableTokenRequest.Expires.newBuilder()
                    .setValidForSeconds(Math.toIntExact(grant.ttl().toSeconds())))
            .setAuthToken(key.key().reveal())
            .setPermissions(WirePermissions.of(grant.permissions()));
    grant.tokenId().ifPresent(id -> request.setTokenId(id.value()));
    return request.build();
  }

  private Reply askOnce(
      TokenServiceAddress address, _GenerateDisposableTokenRequest request, Deadline until) {
    AnswerTrace trace = new AnswerTrace();
    try {
      Optional<TokenServiceConnection> open = connectionTo(address);
      if (open.isEmpty()) {
        return new Reply.Failure(unreachable(), Status.Code.UNAVAILABLE);
      }
      ManagedChannel channel = open.get().channel();
      // Left alone, gRPC waits up to two minutes between attempts to connect.
      if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
        channel.resetConnectBackoff();
      }
      return new Reply.Answer(
          ClientCalls.blockingUnaryCall(
              channel,
              TokenGrpc.getGenerateDisposableTokenMethod(),
              CallOptions.DEFAULT.withDeadline(until).withStreamTracerFactory(trace),
              request));
    } catch (StatusRuntimeException e) {
      return failure(e.getStatus().getCode(), trace);
    } catch (RuntimeException e) {
      // Not passed on: what a library says about a call may quote the request, and the key in it.
      return failure(Status.Code.UNKNOWN, trace);
    }
  }

  private static Reply failure(Status.Code code, AnswerTrace trace) {
    IssueResult result =
        switch (code) {
          case UNAVAILABLE -> unreachable();
          case DEADLINE_EXCEEDED -> new Unavailable(Cause.UPSTREAM_TOO_SLOW, AFTER_OUTAGE);
          // gRPC gives this code to an answer that is too large, too.
          case RESOURCE_EXHAUSTED ->
              trace.brokeOff() ? nonsense() : new Unavailable(Cause.UPSTREAM_LIMIT, AFTER_LIMIT);
          case UNAUTHENTICATED -> new UpstreamFault(Category.KEY_REFUSED);
          case PERMISSION_DENIED -> new UpstreamFault(Category.KEY_NOT_ALLOWED);
          case INVALID_ARGUMENT -> new UpstreamFault(Category.REQUEST_REFUSED);
          case CANCELLED ->
              Thread.currentThread().isInterrupted()
                  ? new Unavailable(Cause.UPSTREAM_TOO_SLOW, AFTER_OUTAGE)
                  : unexpected(trace);
          case OK,
              UNKNOWN,
              NOT_FOUND,
              ALREADY_EXISTS,
              FAILED_PRECONDITION,
              ABORTED,
              OUT_OF_RANGE,
              UNIMPLEMENTED,
              INTERNAL,
              DATA_LOSS ->
              unexpected(trace);
        };
    return new Reply.Failure(result, code);
  }

  /** A status that we made ourselves of an answer that we could not read is the answer's fault. */
  private static UpstreamFault unexpected(AnswerTrace trace) {
    return trace.saidOk() || trace.brokeOff()
        ? nonsense()
        : new UpstreamFault(Category.UNEXPECTED_STATUS);
  }

  private static UpstreamFault nonsense() {
    return new UpstreamFault(Category.NONSENSE_ANSWER);
  }

  private static Unavailable unreachable() {
    return new Unavailable(Cause.UPSTREAM_UNREACHABLE, AFTER_OUTAGE);
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
    if (until.timeRemaining(TimeUnit.NANOSECONDS) <= pause) {
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
    Optional<TokenServiceConnection> open = connection;
    if (open.isPresent() && open.get().address().equals(address)) {
      return open;
    }
    connecting.lock();
    try {
      if (closed) {
        return Optional.empty();
      }
      Optional<TokenServiceConnection> present = connection;
      if (present.isPresent() && present.get().address().equals(address)) {
        return present;
      }
      Optional<TokenServiceConnection> fresh =
          Optional.of(TokenServiceConnection.open(address, tls));
      connection = fresh;
      present.ifPresent(TokenServiceConnection::retire);
      return fresh;
    } finally {
      connecting.unlock();
    }
  }

  /** For tests: which service the open connection is to. */
  Optional<TokenServiceAddress> connectedTo() {
    return connection.map(TokenServiceConnection::address);
  }

  private static Duration left(Deadline until) {
    return Duration.ofNanos(Math.max(0, until.timeRemaining(TimeUnit.NANOSECONDS)));
  }

  /** One line for each failure. The status's text is left out: a service may echo the request. */
  private static IssueResult failed(IssueResult result, String status) {
    String category =
        switch (result) {
          case Unavailable(Cause cause, Duration retryAfter) -> cause.name();
          case UpstreamFault(Category fault) -> fault.name();
          case Issued issued -> throw new IllegalArgumentException("that did not fail");
        };
    LOG.atWarn()
        .addKeyValue("category", category)
        .addKeyValue("status", status)
        .log("no token from the token service");
    return result;
  }
}
