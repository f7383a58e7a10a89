package tokenvending.momento;

import com.google.protobuf.ByteString;

/** How one call over a {@link TokenServiceConnection} ended. */
public sealed interface TokenServiceReply {
  /** The message of an answer that the service ended well. */
  record Answer(ByteString message) implements TokenServiceReply {}

  /**
   * No answer, for the reason that the service gave, or that our side gives as gRPC's clients do:
   * {@code UNAVAILABLE} where it cannot be reached, {@code DEADLINE_EXCEEDED} where it is too slow,
   * {@code CANCELLED} where the calling thread was interrupted.
   *
   * @param status anything but {@code OK}
   * @param cause what is behind it, for the log
   */
  record Failed(GrpcStatus status, FailureCause cause) implements TokenServiceReply {
    /** The service's own status. */
    static Failed reported(GrpcStatus status) {
      return new Failed(status, new FailureCause.Reported(status));
    }

    /** No call could be made, or its connection ended. */
    public static Failed unavailable(FailureCause cause) {
      return new Failed(GrpcStatus.UNAVAILABLE, cause);
    }
  }

  /** The service reset the call's stream. Whether it did what was requested is unknown. */
  record BrokenOff(FailureCause cause) implements TokenServiceReply {}

  /** The service answered, and that was none of the answers it can give: too long, or cut off. */
  record Unreadable(FailureCause cause) implements TokenServiceReply {}
}
