package tokenvending.momentolocal.cache;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;

/**
 * Sends a list of responses one by one, each when the client has read the previous one: a batch of
 * small keys can request gigabytes.
 */
final class StreamedReply<Q, A> {

  private final ServerCallStreamObserver<A> out;
  private final Iterator<Q> questions;
  private final Function<Q, A> answers;
  private boolean over;

  private StreamedReply(
      ServerCallStreamObserver<A> out, Iterator<Q> questions, Function<Q, A> answers) {
    this.out = out;
    this.questions = questions;
    this.answers = answers;
  }

  /** Starts to respond; must be called while the call is being started. */
  static <Q, A> void send(StreamObserver<A> out, List<Q> questions, Function<Q, A> answers) {
    // gRPC guarantees this type to server stubs.
    ServerCallStreamObserver<A> call = (ServerCallStreamObserver<A>) out;
    StreamedReply<Q, A> reply = new StreamedReply<>(call, questions.iterator(), answers);
    call.setOnCancelHandler(() -> reply.over = true);
    call.setOnReadyHandler(reply::goOn);
    reply.goOn();
  }

  private void goOn() {
    while (!over && questions.hasNext() && out.isReady()) {
      out.onNext(answers.apply(questions.next()));
    }
    if (!over && !questions.hasNext()) {
      over = true;
      out.onCompleted();
    }
  }
}
