package tokenvending.momento;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import tokenvending.issuing.IssueDeadline;
import tokenvending.issuing.IssueResult;
import tokenvending.issuing.IssueResult.Category;
import tokenvending.issuing.IssueResult.Cause;
import tokenvending.issuing.IssueResult.Issued;
import tokenvending.issuing.IssueResult.Unavailable;
import tokenvending.issuing.IssueResult.UpstreamFault;
import tokenvending.issuing.UpstreamCall;
import tokenvending.issuing.UpstreamRequest;
import tokenvending.issuing.UpstreamResult;
import tokenvending.issuing.UpstreamResult.Kind;
import tokenvending.momento.wire._GenerateDisposableTokenRequest;
import tokenvending.momento.wire._GenerateDisposableTokenResponse;
import tokenvending.policy.Grant;

/**
 * Makes one call to Momento's token service, {@code token.Token/GenerateDisposableToken}, and maps
 * its result. An interrupt cancels the call. Thread-safe.
 */
public final class MomentoTokenService implements UpstreamCall<MomentoApiKey>, AutoCloseable {
  private static final Duration AFTER_LIMIT = Duration.ofSeconds(1);
  private static final Duration AFTER_OUTAGE = Duration.ofSeconds(2);
  private static final Duration AFTER_GONE = Duration.ofSeconds(1);

  private final Optional<TokenServiceAddress> address;
  private final TokenServiceConnector connector;
  private final InstantSource clock;
  private final LongSupplier nanoTime;

  private final ReentrantLock connecting = new ReentrantLock();
  private volatile Optional<Open> open = Optional.empty();
  private volatile boolean closed;

  /**
   * Creates a client, which connects with the first call.
   *
   * @param address the service's address if it does not follow from the key
   * @param nanoTime a monotonic clock
   */
  public MomentoTokenService(
      Optional<TokenServiceAddress> address,
      TokenServiceConnector connector,
      InstantSource clock,
      LongSupplier nanoTime) {
    this.address = address;
    this.connector = connector;
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  /** The open connection and its address. */
  private record Open(TokenServiceAddress address, TokenServiceConnection connection) {}

  @Override
  public UpstreamResult call(UpstreamRequest<MomentoApiKey> request) {
    Optional<ByteString> message = message(request.key(), request.grant());
    if (message.isEmpty()) {
      return UpstreamResult.notMade(new Unavailable(Cause.CREDENTIAL_EXPIRED, AFTER_GONE));
    }
    Optional<TokenServiceConnection> connection = connectionTo(addressFor(request.key()));
    if (connection.isEmpty()) {
      return new UpstreamResult(
          result(GrpcStatus.UNAVAILABLE),
          Kind.NOT_MADE,
          details(GrpcStatus.UNAVAILABLE, FailureCause.Network.CLOSING));
    }
    // Encoding and connecting took time: another caller can have the slot by now.
    if (!request.permitted().getAsBoolean()) {
      return UpstreamResult.notMade(new Unavailable(Cause.BUDGET_EXHAUSTED, AFTER_LIMIT));
    }
    GrpcReply reply = connection.get().call(message.get(), request.deadline().left());
    return switch (inTime(reply, request.deadline())) {
      case GrpcReply.Message(ByteString bytes) -> token(bytes, request.grant());
      case GrpcReply.Failure(GrpcStatus status, FailureCause cause) ->
          new UpstreamResult(
              result(status),
              status == GrpcStatus.UNAVAILABLE ? Kind.RETRYABLE : Kind.MADE,
              details(status, cause));
    };
  }

  /** Returns the service's address for a key. */
  TokenServiceAddress addressFor(MomentoApiKey key) {
    return address.orElse(key.tokenService());
  }

  /**
   * Returns the request message; empty if the session ended while the caller waited for a permit.
   */
  private Optional<ByteString> message(MomentoApiKey key, Grant grant) {
    // The grant is some seconds old, and the rest of the session has become shorter.
    Duration ttl =
        grant
            .notAfter()
            .map(end -> Duration.between(clock.instant(), end))
            .filter(left -> left.compareTo(grant.ttl()) < 0)
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

  private static UpstreamResult token(ByteString bytes, Grant grant) {
    Optional<IssueResult> issued;
    try {
      issued =
          TokenAnswer.read(_GenerateDisposableTokenResponse.parseFrom(bytes), grant)
              .map(Issued::new);
    } catch (InvalidProtocolBufferException e) {
      issued = Optional.empty();
    }
    return issued
        .map(result -> new UpstreamResult(result, Kind.MADE, Map.of()))
        .orElseGet(
            () ->
                new UpstreamResult(
                    new UpstreamFault(Category.INVALID_RESPONSE),
                    Kind.MADE,
                    details(GrpcStatus.OK, FailureCause.Network.NOT_A_TOKEN)));
  }

  /**
   * Returns a deadline failure in place of a stream reset after the deadline: a service that
   * enforces the deadline resets the stream, and the reset can arrive before this side's own
   * timeout.
   */
  private static GrpcReply inTime(GrpcReply reply, IssueDeadline deadline) {
    boolean brokenOff =
        reply instanceof GrpcReply.Failure(GrpcStatus status, FailureCause cause)
            && (status == GrpcStatus.RESET
                || (status == GrpcStatus.CANCELLED && !Thread.currentThread().isInterrupted()));
    return brokenOff && deadline.left().isZero()
        ? new GrpcReply.Failure(GrpcStatus.DEADLINE_EXCEEDED, FailureCause.Network.DEADLINE)
        : reply;
  }

  /**
   * Maps a status to a result. After a failure of the service a later request can succeed; if the
   * service rejects the call or its arguments, an operator must act first (gRPC, statuscodes.md).
   */
  private static IssueResult result(GrpcStatus status) {
    return switch (status) {
      case UNAVAILABLE, INTERNAL, UNKNOWN, ABORTED, DATA_LOSS, RESET -> unreachable();
      case DEADLINE_EXCEEDED -> new Unavailable(Cause.UPSTREAM_TIMED_OUT, AFTER_OUTAGE);
      case RESOURCE_EXHAUSTED -> new Unavailable(Cause.UPSTREAM_RATE_LIMITED, AFTER_LIMIT);
      case UNAUTHENTICATED -> new UpstreamFault(Category.API_KEY_REJECTED);
      case PERMISSION_DENIED -> new UpstreamFault(Category.API_KEY_NOT_PERMITTED);
      case INVALID_ARGUMENT -> new UpstreamFault(Category.REQUEST_REJECTED);
      case CANCELLED ->
          Thread.currentThread().isInterrupted()
              ? new Unavailable(Cause.CALLER_DISCONNECTED, AFTER_GONE)
              : unreachable();
      case UNREADABLE -> new UpstreamFault(Category.INVALID_RESPONSE);
      case OK, NOT_FOUND, ALREADY_EXISTS, FAILED_PRECONDITION, OUT_OF_RANGE, UNIMPLEMENTED ->
          new UpstreamFault(Category.UNEXPECTED_STATUS);
    };
  }

  private static Unavailable unreachable() {
    return new Unavailable(Cause.UPSTREAM_UNAVAILABLE, AFTER_OUTAGE);
  }

  /**
   * Returns fields for the log without the status's message, because a service can echo the
   * request.
   */
  private static Map<String, String> details(GrpcStatus status, FailureCause cause) {
    return Map.of("status", status.name(), "cause", cause.text());
  }

  /**
   * Opens the connection before the first call. Gives up after the timeout. It mints nothing and
   * reports no failure, which the next call does.
   */
  public void connect(RotatingApiKey apiKey, Duration timeout) {
    long start = nanoTime.getAsLong();
    // If the address does not depend on the key, both are awaited at once.
    address.flatMap(this::connectionTo).ifPresent(one -> one.awaitConnected(Duration.ZERO));
    if (apiKey.current(timeout) instanceof KeyReading.Usable(MomentoApiKey key)) {
      long left = timeout.toNanos() - (nanoTime.getAsLong() - start);
      connectionTo(addressFor(key))
          .ifPresent(one -> one.awaitConnected(Duration.ofNanos(Math.max(0, left))));
    }
  }

  /** Closes the connection and ends its calls. The next call opens another one. */
  public void disconnect() {
    connecting.lock();
    try {
      Optional<Open> present = open;
      open = Optional.empty();
      present.ifPresent(one -> one.connection().close());
    } finally {
      connecting.unlock();
    }
  }

  /** Disconnects permanently; later calls are {@link Unavailable}. */
  @Override
  public void close() {
    closed = true;
    disconnect();
  }

  private Optional<TokenServiceConnection> connectionTo(TokenServiceAddress to) {
    Optional<Open> seen = open;
    if (seen.isPresent() && seen.get().address().equals(to)) {
      return seen.map(Open::connection);
    }
    connecting.lock();
    try {
      if (closed) {
        return Optional.empty();
      }
      Optional<Open> present = open;
      if (present.isPresent() && present.get().address().equals(to)) {
        return present.map(Open::connection);
      }
      TokenServiceConnection fresh = connector.open(to);
      open = Optional.of(new Open(to, fresh));
      present.ifPresent(one -> one.connection().retire());
      return Optional.of(fresh);
    } finally {
      connecting.unlock();
    }
  }

  /** Returns the address of the open connection, for tests. */
  Optional<TokenServiceAddress> connectedTo() {
    return open.map(Open::address);
  }
}
