package tokenvending.momentolocal.call;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/**
 * Why a call is not answered: the gRPC status, and the value of the {@code err} trailer by which
 * SDKs tell limits apart (empty for none). Texts never hold a credential, and never the words by
 * which SDKs recognise Momento's storage product.
 */
public record Refusal(Status status, String err) {

  private static final Metadata.Key<String> ERR =
      Metadata.Key.of("err", Metadata.ASCII_STRING_MARSHALLER);

  /** The credential is absent, unknown, changed or expired. */
  public static Refusal unauthenticated(String reason) {
    return new Refusal(Status.UNAUTHENTICATED.withDescription(reason), "");
  }

  /** The credential is good, but not for this. */
  public static Refusal denied(String reason) {
    return new Refusal(
        Status.PERMISSION_DENIED.withDescription("Insufficient permissions: " + reason), "");
  }

  /** There is no such cache. */
  public static Refusal noSuchCache(String name) {
    return new Refusal(Status.NOT_FOUND.withDescription("cache not found: " + name), "");
  }

  /** The request makes no sense. */
  public static Refusal invalid(String reason) {
    return new Refusal(Status.INVALID_ARGUMENT.withDescription(reason), "");
  }

  /** The request makes sense, but not with what is stored. */
  public static Refusal failedPrecondition(String reason) {
    return new Refusal(Status.FAILED_PRECONDITION.withDescription(reason), "");
  }

  /** Some limit is reached; {@code err} names it. */
  public static Refusal exhausted(String reason, String err) {
    return new Refusal(Status.RESOURCE_EXHAUSTED.withDescription(reason), err);
  }

  /** Not part of this service. */
  public static Refusal unimplemented(String reason) {
    return new Refusal(Status.UNIMPLEMENTED.withDescription(reason), "");
  }

  /** The service is going away. */
  public static Refusal shuttingDown() {
    return new Refusal(Status.UNAVAILABLE.withDescription("shutting down"), "");
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
