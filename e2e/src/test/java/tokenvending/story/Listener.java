package tokenvending.story;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import momento.sdk.ISubscriptionCallbacks;
import momento.sdk.responses.topic.TopicDiscontinuity;
import momento.sdk.responses.topic.TopicMessage;
import momento.sdk.responses.topic.TopicSubscribeResponse.Subscription;

/** Keeps what a subscription hears, in order. */
final class Listener implements ISubscriptionCallbacks {

  private final BlockingQueue<TopicMessage> messages = new LinkedBlockingQueue<>();
  private final BlockingQueue<Throwable> errors = new LinkedBlockingQueue<>();
  private final List<String> events = new CopyOnWriteArrayList<>();
  private final CountDownLatch lost = new CountDownLatch(1);
  private final AtomicReference<Optional<Subscription>> subscription =
      new AtomicReference<>(Optional.empty());

  void keep(Subscription accepted) {
    subscription.set(Optional.of(accepted));
  }

  /** The next message, which must come within 15 seconds. */
  TopicMessage next() throws InterruptedException {
    return within(messages, Duration.ofSeconds(15));
  }

  boolean hasMessages() {
    return !messages.isEmpty();
  }

  boolean hasErrors() {
    return !errors.isEmpty();
  }

  /** What came, by kind: {@code heartbeat}, {@code message}, {@code discontinuity}. */
  List<String> events() {
    return List.copyOf(events);
  }

  /** Whether the connection is lost within 15 seconds. */
  boolean loses() throws InterruptedException {
    return lost.await(15, TimeUnit.SECONDS);
  }

  void unsubscribe() {
    subscription.get().ifPresent(Subscription::unsubscribe);
  }

  @Override
  public void onItem(TopicMessage message) {
    events.add("message");
    messages.add(message);
  }

  @Override
  public void onCompleted() {
    events.add("completed");
  }

  @Override
  public void onError(Throwable error) {
    errors.add(error);
  }

  @Override
  public void onDiscontinuity(TopicDiscontinuity discontinuity) {
    events.add("discontinuity");
  }

  @Override
  public void onHeartbeat() {
    events.add("heartbeat");
  }

  @Override
  public void onConnectionLost() {
    lost.countDown();
  }

  private static <T> T within(BlockingQueue<T> queue, Duration limit) throws InterruptedException {
    T first = queue.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
    if (first == null) {
      throw new AssertionError("nothing came within " + limit);
    }
    return first;
  }
}
