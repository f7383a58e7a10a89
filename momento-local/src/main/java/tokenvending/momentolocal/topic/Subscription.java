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
 * One open stream. It holds no items, only its position in the topic, and sends the next one when
 * the client has taken the one before. All of its work happens on the one thread of its connection;
 * only {@link #wake} and {@link #end} may be called from elsewhere.
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

  /** {@code expiresAt} is when the stream ends by itself; {@link Instant#MAX} for never. */
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

  /** Begins to send: a heartbeat at once, for SDKs take a stream for good only when it came. */
  void start(Topics.Position from, Duration heartbeatInterval) {
    position = from;
    out.onNext(HEARTBEAT);
    long nanos = heartbeatInterval.toNanos();
    heartbeats = connection.scheduleAtFixedRate(this::beat, nanos, nanos, TimeUnit.NANOSECONDS);
    wake();
  }

  /** Says that there may be something to send; cheap, and never waits. */
  void wake() {
    if (woken.compareAndSet(false, true)) {
      connection.execute(this::sendWhatIsThere);
    }
  }

  /** Ends the stream with a status. */
  void end(CallError refusal) {
    connection.execute(() -> finish(refusal));
  }

  /** Completes when the stream has ended, however that came. */
  CompletableFuture<Void> ended() {
    return ended;
  }

  /** The client has gone or unsubscribed: nothing is sent any more. */
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
    // To a client that does not read, one more heartbeat would only be one more thing to hold.
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
