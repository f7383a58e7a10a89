package tokenvending.momento.okhttp;

import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.Status;

/**
 * Notes what the service itself said of one call, to tell a failure that it reported from one that
 * arose on our side while its answer was read.
 */
final class AnswerTrace extends ClientStreamTracer.Factory {
  private volatile boolean begun;
  private volatile boolean ended;
  private volatile boolean saidOk;

  @Override
  public ClientStreamTracer newClientStreamTracer(
      ClientStreamTracer.StreamInfo info, Metadata headers) {
    return new ClientStreamTracer() {
      @Override
      public void inboundHeaders(Metadata headers) {
        begun = true;
      }

      @Override
      public void inboundTrailers(Metadata trailers) {
        ended = true;
      }

      @Override
      public void streamClosed(Status status) {
        saidOk = status.isOk();
      }
    };
  }

  /** Whether the service began an answer without ending it. */
  boolean brokeOff() {
    return begun && !ended;
  }

  /** Whether the service said that all was well. */
  boolean saidOk() {
    return saidOk;
  }
}
