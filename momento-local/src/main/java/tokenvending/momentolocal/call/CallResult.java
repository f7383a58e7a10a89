package tokenvending.momentolocal.call;

import io.grpc.stub.StreamObserver;
import java.util.function.Function;

/** The result of a unary call: a message or an error. */
public sealed interface CallResult<T> {

  /** A message. */
  record Reply<T>(T message) implements CallResult<T> {}

  /** An error. */
  record Refused<T>(CallError refusal) implements CallResult<T> {}

  /** Returns a result with the message that the function makes of this one, or the same error. */
  default <R> CallResult<R> map(Function<T, R> function) {
    return switch (this) {
      case Reply<T>(T message) -> new Reply<>(function.apply(message));
      case Refused<T>(CallError refusal) -> new Refused<>(refusal);
    };
  }

  /** Sends the result and ends the call. */
  default void sendTo(StreamObserver<T> out) {
    switch (this) {
      case Reply<T>(T message) -> {
        out.onNext(message);
        out.onCompleted();
      }
      case Refused<T>(CallError refusal) -> out.onError(refusal.exception());
    }
  }
}
