package tokenvending.momentolocal.call;

import io.grpc.stub.StreamObserver;

/** The result of a unary call: a message or an error. */
public sealed interface CallResult<T> {

  /** The message to send. */
  record Reply<T>(T message) implements CallResult<T> {}

  /** No message; the status says why. */
  record Refused<T>(CallError refusal) implements CallResult<T> {}

  /** Sends it and ends the call. */
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
