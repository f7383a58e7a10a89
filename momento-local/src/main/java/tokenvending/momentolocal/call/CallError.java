package tokenvending.momentolocal.call;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/**
 * The error of a call: its gRPC status, and the value of the {@code err} trailer by which SDKs
 * distinguish limits (empty for none). Messages contain no credential, and none of the words by
 * which SDKs recognize Momento's storage product.
 */
public record CallError(Status status, String err) {

  private static final Metadata.Key<String> ERR =
      Metadata.Key.of("err", Metadata.ASCII_STRING_MARSHALLER);

  /** The credential is missing, unknown, modified or expired. */
  public static CallError unauthenticated(String reason) {
    return new CallError(Status.UNAUTHENTICATED.withDescription(reason), "");
  }

  /** The credential is valid, but lacks the permission. */
  public static CallError denied(String reason) {
    return new CallError(
        Status.PERMISSION_DENIED.withDescription("Insufficient permissions: " + reason), "");
  }

  /** There is no such cache. */
  public static CallError noSuchCache(String name) {
    return new CallError(Status.NOT_FOUND.withDescription("cache not found: " + name), "");
  }

  /** The request is invalid. */
  public static CallError invalid(String reason) {
    return new CallError(Status.INVALID_ARGUMENT.withDescription(reason), "");
  }

  /** The request is valid, but conflicts with the stored data. */
  public static CallError failedPrecondition(String reason) {
    return new CallError(Status.FAILED_PRECONDITION.withDescription(reason), "");
  }

  /**
   * A limit is reached.
   *
   * @param err the name of the limit
   */
  public static CallError exhausted(String reason, String err) {
    return new CallError(Status.RESOURCE_EXHAUSTED.withDescription(reason), err);
  }

  /** The call is not supported. */
  public static CallError unimplemented(String reason) {
    return new CallError(Status.UNIMPLEMENTED.withDescription(reason), "");
  }

  /** The service is shutting down. */
  public static CallError shuttingDown() {
    return new CallError(Status.UNAVAILABLE.withDescription("shutting down"), "");
  }

  /** Returns the trailers that follow the status. */
  public Metadata trailers() {
    Metadata trailers = new Metadata();
    if (!err.isEmpty()) {
      trailers.put(ERR, err);
    }
    return trailers;
  }

  /** Returns the exception for a stub observer. */
  public StatusRuntimeException exception() {
    return new StatusRuntimeException(status, trailers());
  }
}
