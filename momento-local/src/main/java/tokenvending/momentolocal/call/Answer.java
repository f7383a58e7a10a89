package tokenvending.momentolocal.call;

import io.grpc.stub.StreamObserver;

/** What a call with one answer comes to. */
public sealed interface Answer<T> {

  /** The message to send. */
  record Reply<T>(T message) implements Answer<T> {}

  /** No message; the status says why. */
  record Refused<T>(Refusal refusal) implements Answer<T> {}

  /** Sends it and ends the call. */
  default void sendTo(StreamObserver<T> out) {
    switch (this) {
      case Reply<T>(T message) -> {
        out.onNext(message);
        out.onCompleted();
      }
      case Refused<T>(Refusal refusal) -> out.onError(refusal.exception());
    }
  }
}
