package tokenvending.momentolocal.topic;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import tokenvending.momentolocal.wire._SubscriptionItem;

/** The server's end of a stream to a client that takes a set number of messages. */
final class RecordingStream extends ServerCallStreamObserver<_SubscriptionItem> {

  final List<_SubscriptionItem> sent = new ArrayList<>();
  Status end = Status.OK;
  int room;

  RecordingStream(int room) {
    this.room = room;
  }

  @Override
  public boolean isReady() {
    return room > 0;
  }

  @Override
  public void onNext(_SubscriptionItem item) {
    room--;
    sent.add(item);
  }

  @Override
  public void onError(Throwable error) {
    end = Status.fromThrowable(error);
  }

  @Override
  public void onCompleted() {
    throw new AssertionError("a stream must not end with OK");
  }

  @Override
  public boolean isCancelled() {
    return false;
  }

  @Override
  public void setOnCancelHandler(Runnable handler) {}

  @Override
  public void setOnReadyHandler(Runnable handler) {}

  @Override
  public void setCompression(String compression) {}

  @Override
  public void disableAutoInboundFlowControl() {}

  @Override
  public void request(int count) {}

  @Override
  public void setMessageCompression(boolean enable) {}
}
