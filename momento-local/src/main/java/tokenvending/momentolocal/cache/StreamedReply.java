package tokenvending.momentolocal.cache;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Iterator;

/**
 * Sends responses one by one, each when the client has read the previous one: a batch of small keys
 * can request gigabytes.
 */
final class StreamedReply<A> {

  private final ServerCallStreamObserver<A> out;
  private final Iterator<A> responses;
  private boolean over;

  private StreamedReply(ServerCallStreamObserver<A> out, Iterator<A> responses) {
    this.out = out;
    this.responses = responses;
  }

  /** Starts to respond; must be called while the call is being started. */
  static <A> void send(StreamObserver<A> out, Iterator<A> responses) {
    // gRPC guarantees this type to server stubs.
    ServerCallStreamObserver<A> call = (ServerCallStreamObserver<A>) out;
    StreamedReply<A> reply = new StreamedReply<>(call, responses);
    call.setOnCancelHandler(() -> reply.over = true);
    call.setOnReadyHandler(reply::goOn);
    reply.goOn();
  }

  private void goOn() {
    while (!over && responses.hasNext() && out.isReady()) {
      out.onNext(responses.next());
    }
    if (!over && !responses.hasNext()) {
      over = true;
      out.onCompleted();
    }
  }
}
