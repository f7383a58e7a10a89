package tokenvending.momentolocal;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tokenvending.momentolocal.wire._Discontinuity;
import tokenvending.momentolocal.wire._SubscriptionItem;
import tokenvending.momentolocal.wire._SubscriptionRequest;
import tokenvending.momentolocal.wire._TopicItem;

/** A subscription as its client sees it. */
final class TestStream implements ClientResponseObserver<_SubscriptionRequest, _SubscriptionItem> {

  private final BlockingQueue<_SubscriptionItem> received = new LinkedBlockingQueue<>();
  private final CompletableFuture<Status> end = new CompletableFuture<>();
  private volatile @Nullable ClientCallStreamObserver<_SubscriptionRequest> call;

  @Override
  public void beforeStart(ClientCallStreamObserver<_SubscriptionRequest> started) {
    call = started;
  }

  @Override
  public void onNext(_SubscriptionItem item) {
    received.add(item);
  }

  @Override
  public void onError(Throwable error) {
    end.complete(Status.fromThrowable(error));
  }

  @Override
  public void onCompleted() {
    end.complete(Status.OK);
  }

  _SubscriptionItem next() throws Exception {
    _SubscriptionItem item = received.poll(60, TimeUnit.SECONDS);
    if (item == null) {
      throw new AssertionError("nothing came; ended: " + end);
    }
    return item;
  }

  TestStream heartbeat() throws Exception {
    assertThat(next().getKindCase()).isEqualTo(_SubscriptionItem.KindCase.HEARTBEAT);
    return this;
  }

  _TopicItem item() throws Exception {
    _SubscriptionItem next = nextButHeartbeats();
    assertThat(next.getKindCase()).isEqualTo(_SubscriptionItem.KindCase.ITEM);
    return next.getItem();
  }

  _Discontinuity discontinuity() throws Exception {
    _SubscriptionItem next = nextButHeartbeats();
    assertThat(next.getKindCase()).isEqualTo(_SubscriptionItem.KindCase.DISCONTINUITY);
    return next.getDiscontinuity();
  }

  List<String> texts(int count) throws Exception {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      texts.add(item().getValue().getText());
    }
    return texts;
  }

  Status end() throws Exception {
    return end.get(60, TimeUnit.SECONDS);
  }

  /** What has come and nobody has looked at, heartbeats aside. */
  List<_SubscriptionItem> unread() {
    return received.stream()
        .filter(i -> i.getKindCase() != _SubscriptionItem.KindCase.HEARTBEAT)
        .toList();
  }

  boolean hasNothing() {
    return received.isEmpty();
  }

  void cancel() {
    ClientCallStreamObserver<_SubscriptionRequest> started = call;
    if (started != null) {
      started.cancel("unsubscribed", null);
    }
  }

  private _SubscriptionItem nextButHeartbeats() throws Exception {
    for (int i = 0; i < 1_000; i++) {
      _SubscriptionItem next = next();
      if (next.getKindCase() != _SubscriptionItem.KindCase.HEARTBEAT) {
        return next;
      }
    }
    throw new AssertionError("nothing but heartbeats");
  }
}
