package tokenvending.momentolocal.call;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/**
 * The error of a call: the gRPC status, and the value of the {@code err} trailer by which SDKs
 * distinguish limits (empty for none). Texts never hold a credential, and never the words by which
 * SDKs recognise Momento's storage product.
 */
public record CallError(Status status, String err) {

  private static final Metadata.Key<String> ERR =
      Metadata.Key.of("err", Metadata.ASCII_STRING_MARSHALLER);

  /** The credential is absent, unknown, changed or expired. */
  public static CallError unauthenticated(String reason) {
    return new CallError(Status.UNAUTHENTICATED.withDescription(reason), "");
  }

  /** The credential is good, but not for this. */
  public static CallError denied(String reason) {
    return new CallError(
        Status.PERMISSION_DENIED.withDescription("Insufficient permissions: " + reason), "");
  }

  /** There is no such cache. */
  public static CallError noSuchCache(String name) {
    return new CallError(Status.NOT_FOUND.withDescription("cache not found: " + name), "");
  }

  /** The request makes no sense. */
  public static CallError invalid(String reason) {
    return new CallError(Status.INVALID_ARGUMENT.withDescription(reason), "");
  }

  /** The request makes sense, but not with what is stored. */
  public static CallError failedPrecondition(String reason) {
    return new CallError(Status.FAILED_PRECONDITION.withDescription(reason), "");
  }

  /** Some limit is reached; {@code err} names it. */
  public static CallError exhausted(String reason, String err) {
    return new CallError(Status.RESOURCE_EXHAUSTED.withDescription(reason), err);
  }

  /** Not part of this service. */
  public static CallError unimplemented(String reason) {
    return new CallError(Status.UNIMPLEMENTED.withDescription(reason), "");
  }

  /** The service is going away. */
  public static CallError shuttingDown() {
    return new CallError(Status.UNAVAILABLE.withDescription("shutting down"), "");
  }

  /** What goes behind the status on the wire. */
  public Metadata trailers() {
    Metadata trailers = new Metadata();
    if (!err.isEmpty()) {
      trailers.put(ERR, err);
    }
    return trailers;
  }

  /** The form in which a stub observer takes it. */
  public StatusRuntimeException exception() {
    return new StatusRuntimeException(status, trailers());
  }
}
