package tokenvending.momentolocal.cache;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;

/**
 * Answers a list of questions one by one, each only when the client has taken the one before: a
 * batch of small keys can ask for gigabytes.
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

  /** Begins to answer; must be called while the call is being started. */
  static <Q, A> void send(StreamObserver<A> out, List<Q> questions, Function<Q, A> answers) {
    // Server stubs are promised this type.
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
