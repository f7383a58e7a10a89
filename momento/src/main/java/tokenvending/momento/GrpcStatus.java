package tokenvending.momento;

import org.jspecify.annotations.Nullable;

/** The gRPC status codes (gRPC, statuscodes.md), and two for invalid responses. */
public enum GrpcStatus {
  OK("0"),
  CANCELLED("1"),
  UNKNOWN("2"),
  INVALID_ARGUMENT("3"),
  DEADLINE_EXCEEDED("4"),
  NOT_FOUND("5"),
  ALREADY_EXISTS("6"),
  PERMISSION_DENIED("7"),
  RESOURCE_EXHAUSTED("8"),
  FAILED_PRECONDITION("9"),
  ABORTED("10"),
  OUT_OF_RANGE("11"),
  UNIMPLEMENTED("12"),
  INTERNAL("13"),
  UNAVAILABLE("14"),
  DATA_LOSS("15"),
  UNAUTHENTICATED("16"),
  /** The service reset the stream, and it is unknown whether the call had an effect. Never sent. */
  RESET(null),
  /** What came back is no gRPC response: too long, cut off, or of another protocol. Never sent. */
  UNREADABLE(null);

  private final @Nullable String number;

  GrpcStatus(@Nullable String number) {
    this.number = number;
  }

  /** Returns the status of a {@code grpc-status} field; {@code UNKNOWN} for an undefined number. */
  public static GrpcStatus sent(String number) {
    for (GrpcStatus status : values()) {
      if (number.equals(status.number)) {
        return status;
      }
    }
    return UNKNOWN;
  }

  /**
   * Maps an HTTP status other than 200 of a response without a gRPC status (gRPC,
   * http-grpc-status-mapping.md).
   */
  public static GrpcStatus ofHttp(int status) {
    return switch (status) {
      case 400 -> INTERNAL;
      case 401 -> UNAUTHENTICATED;
      case 403 -> PERMISSION_DENIED;
      case 404 -> UNIMPLEMENTED;
      case 429, 502, 503, 504 -> UNAVAILABLE;
      default -> UNKNOWN;
    };
  }
}
