package tokenvending.momentolocal.topic;

import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import tokenvending.momentolocal.call.CallError;
import tokenvending.momentolocal.wire._Discontinuity;
import tokenvending.momentolocal.wire._Heartbeat;
import tokenvending.momentolocal.wire._SubscriptionItem;

/**
 * One open stream. It stores no items, only its position in the topic, and sends the next item when
 * the client has read the previous one. It runs on its connection's thread; only {@link #wake} and
 * {@link #end} can be called from other threads.
 */
final class Subscription {

  private static final _SubscriptionItem HEARTBEAT =
      _SubscriptionItem.newBuilder().setHeartbeat(_Heartbeat.getDefaultInstance()).build();

  private final Topics topics;
  private final ServerCallStreamObserver<_SubscriptionItem> out;
  private final ScheduledExecutorService connection;
  private final InstantSource clock;
  private final Instant expiresAt;
  private final AtomicBoolean woken = new AtomicBoolean();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();

  private Topics.@Nullable Position position;
  private @Nullable Future<?> heartbeats;
  private boolean over;

  /**
   * Creates a stream.
   *
   * @param expiresAt when the stream ends; {@link Instant#MAX} for never
   */
  Subscription(
      Topics topics,
      ServerCallStreamObserver<_SubscriptionItem> out,
      ScheduledExecutorService connection,
      InstantSource clock,
      Instant expiresAt) {
    this.topics = topics;
    this.out = out;
    this.connection = connection;
    this.clock = clock;
    this.expiresAt = expiresAt;
  }

  /** Starts to send, with a heartbeat first, because SDKs consider a stream open only after one. */
  void start(Topics.Position from, Duration heartbeatInterval) {
    position = from;
    out.onNext(HEARTBEAT);
    long nanos = heartbeatInterval.toNanos();
    heartbeats = connection.scheduleAtFixedRate(this::beat, nanos, nanos, TimeUnit.NANOSECONDS);
    wake();
  }

  /** Reports that there can be something to send. Cheap, and does not block. */
  void wake() {
    if (woken.compareAndSet(false, true)) {
      connection.execute(this::sendWhatIsThere);
    }
  }

  /** Ends the stream with a status. */
  void end(CallError refusal) {
    connection.execute(() -> finish(refusal));
  }

  /** Returns a future that completes when the stream has ended for any reason. */
  CompletableFuture<Void> ended() {
    return ended;
  }

  /** Reports that the client unsubscribed or disconnected: nothing is sent any more. */
  void cancelled() {
    stop();
    ended.complete(null);
  }

  boolean expiredAt(Instant now) {
    return !now.isBefore(expiresAt);
  }

  static CallError expired() {
    return CallError.unauthenticated("the credential has expired");
  }

  private void sendWhatIsThere() {
    woken.set(false);
    while (!over && out.isReady() && position != null) {
      if (expiredAt(clock.instant())) {
        finish(expired());
        return;
      }
      Topics.Position at = position;
      switch (topics.read(at)) {
        case Topics.Reading.Nothing() -> {
          return;
        }
        case Topics.Reading.Found(_SubscriptionItem item) -> {
          position = new Topics.Position(at.topic(), at.page(), at.next() + 1);
          out.onNext(item);
        }
        case Topics.Reading.Gap(long page, long last) -> {
          position = new Topics.Position(at.topic(), page, last + 1);
          out.onNext(
              _SubscriptionItem.newBuilder()
                  .setDiscontinuity(
                      _Discontinuity.newBuilder()
                          .setLastTopicSequence(at.next() - 1)
                          .setNewTopicSequence(last)
                          .setNewSequencePage(page))
                  .build());
        }
      }
    }
  }

  private void beat() {
    if (!over && expiredAt(clock.instant())) {
      finish(expired());
      return;
    }
    // A client that does not read would only accumulate heartbeats.
    if (!over && out.isReady()) {
      out.onNext(HEARTBEAT);
    }
  }

  private void finish(CallError refusal) {
    if (!over) {
      stop();
      out.onError(refusal.exception());
    }
    ended.complete(null);
  }

  private void stop() {
    over = true;
    if (heartbeats != null) {
      heartbeats.cancel(false);
    }
    if (position != null) {
      topics.unsubscribe(position, this);
    }
  }
}
