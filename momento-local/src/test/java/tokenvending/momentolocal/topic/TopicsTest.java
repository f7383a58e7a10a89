package tokenvending.momentolocal.topic;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tokenvending.momentolocal.SettableClock;
import tokenvending.momentolocal.wire._Discontinuity;
import tokenvending.momentolocal.wire._SubscriptionItem;
import tokenvending.momentolocal.wire._TopicItem;
import tokenvending.momentolocal.wire._TopicValue;

class TopicsTest {

  private static final long CACHE = 7;

  private final SettableClock clock = new SettableClock();
  private final ScheduledExecutorService connection = Executors.newSingleThreadScheduledExecutor();
  private final Topics topics = topics(new TopicLimits(100, 1_000_000, 3, 5));

  private Topics topics(TopicLimits limits) {
    Topics made = new Topics(limits, clock);
    made.created(CACHE);
    return made;
  }

  @AfterEach
  void stop() {
    connection.shutdownNow();
  }

  private void publish(Topics to, String topic, String text) {
    assertThat(to.publish(CACHE, "c", topic, _TopicValue.newBuilder().setText(text).build(), ""))
        .isInstanceOf(Topics.Outcome.Done.class);
  }

  private void publish(Topics to, String topic, int count) {
    for (int i = 1; i <= count; i++) {
      publish(to, topic, "m" + i);
    }
  }

  /** Opens a stream; what happens on its connection has happened when this returns. */
  private Subscription open(
      Topics on, RecordingStream stream, String topic, long resumeAt, long page) throws Exception {
    Subscription subscription = new Subscription(on, stream, connection, clock, Instant.MAX);
    switch (on.subscribe(CACHE, "c", topic, resumeAt, page, subscription)) {
      case Topics.Outcome.Done<Topics.Position>(Topics.Position position) ->
          connection
              .submit(() -> subscription.start(position, Duration.ofHours(1)))
              .get(60, TimeUnit.SECONDS);
      case Topics.Outcome.Refused<Topics.Position>(var refusal) ->
          stream.onError(refusal.exception());
    }
    settle();
    return subscription;
  }

  private void settle() throws Exception {
    connection.submit(() -> {}).get(60, TimeUnit.SECONDS);
  }

  private static List<Long> sequences(RecordingStream stream) {
    return stream.sent.stream()
        .filter(_SubscriptionItem::hasItem)
        .map(i -> i.getItem().getTopicSequenceNumber())
        .toList();
  }

  private static List<_Discontinuity> gaps(RecordingStream stream) {
    return stream.sent.stream()
        .filter(_SubscriptionItem::hasDiscontinuity)
        .map(_SubscriptionItem::getDiscontinuity)
        .toList();
  }

  @Test
  void numbers_begin_at_one_and_are_the_same_for_everyone() throws Exception {
    RecordingStream first = new RecordingStream(100);
    RecordingStream second = new RecordingStream(100);
    open(topics, first, "t", 0, 0);
    open(topics, second, "t", 0, 0);
    publish(topics, "t", 3);
    settle();
    assertThat(sequences(first)).containsExactly(1L, 2L, 3L);
    assertThat(second.sent).isEqualTo(first.sent);
    assertThat(first.sent.getFirst().hasHeartbeat()).isTrue();
  }

  @Test
  void a_new_subscriber_gets_only_what_comes_after() throws Exception {
    publish(topics, "t", 3);
    RecordingStream stream = new RecordingStream(100);
    open(topics, stream, "t", 0, 0);
    publish(topics, "t", 1);
    settle();
    assertThat(sequences(stream)).containsExactly(4L);
    assertThat(gaps(stream)).isEmpty();
  }

  @Test
  void resuming_replays_from_the_number_asked_for() throws Exception {
    publish(topics, "t", 50);
    for (long page : new long[] {0, pageOf("t")}) {
      RecordingStream stream = new RecordingStream(1_000);
      open(topics, stream, "t", 48, page);
      assertThat(sequences(stream)).containsExactly(48L, 49L, 50L);
      assertThat(gaps(stream)).isEmpty();
    }
    RecordingStream next = new RecordingStream(1_000);
    open(topics, next, "t", 51, pageOf("t"));
    assertThat(gaps(next)).isEmpty();
    assertThat(sequences(next)).isEmpty();
  }

  private long pageOf(String topic) throws Exception {
    RecordingStream stream = new RecordingStream(1_000);
    Subscription probe = open(topics, stream, topic, 1, 0);
    probe.cancelled();
    _TopicItem last = stream.sent.getLast().getItem();
    return last.getSequencePage();
  }

  @Test
  void resuming_at_what_is_not_held_any_more_brings_one_discontinuity() throws Exception {
    publish(topics, "t", 250);
    RecordingStream stream = new RecordingStream(1_000);
    open(topics, stream, "t", 100, 0);
    assertThat(stream.sent.get(1).hasDiscontinuity()).isTrue();
    assertThat(gaps(stream)).hasSize(1);
    assertThat(gaps(stream).getFirst().getLastTopicSequence()).isEqualTo(99);
    assertThat(gaps(stream).getFirst().getNewTopicSequence()).isEqualTo(150);
    assertThat(sequences(stream)).hasSize(100).startsWith(151L).endsWith(250L);
  }

  @Test
  void resuming_at_the_oldest_item_held_brings_none() throws Exception {
    publish(topics, "t", 250);
    RecordingStream stream = new RecordingStream(1_000);
    open(topics, stream, "t", 151, 0);
    assertThat(gaps(stream)).isEmpty();
    assertThat(sequences(stream)).hasSize(100).startsWith(151L);
  }

  @Test
  void a_subscriber_ahead_of_the_topic_followed_an_earlier_one() throws Exception {
    publish(topics, "t", 2);
    RecordingStream stream = new RecordingStream(1_000);
    open(topics, stream, "t", 900, 0);
    assertThat(gaps(stream)).hasSize(1);
    assertThat(gaps(stream).getFirst().getNewTopicSequence()).isZero();
    assertThat(sequences(stream)).containsExactly(1L, 2L);
  }

  @Test
  void a_subscriber_that_does_not_read_stalls_nobody_and_gets_a_discontinuity() throws Exception {
    RecordingStream slow = new RecordingStream(3);
    RecordingStream quick = new RecordingStream(10_000);
    Subscription subscription = open(topics, slow, "t", 0, 0);
    open(topics, quick, "t", 0, 0);
    for (int i = 0; i < 50; i++) {
      publish(topics, "t", 20);
      settle();
    }
    assertThat(sequences(quick)).hasSize(1_000);
    assertThat(gaps(quick)).isEmpty();
    assertThat(sequences(slow)).containsExactly(1L, 2L);

    slow.room = 10_000;
    subscription.wake();
    settle();
    assertThat(gaps(slow)).hasSize(1);
    assertThat(gaps(slow).getFirst().getLastTopicSequence()).isEqualTo(2);
    assertThat(gaps(slow).getFirst().getNewTopicSequence()).isEqualTo(900);
    assertThat(sequences(slow)).hasSize(102).endsWith(1_000L);
  }

  @Test
  void all_topics_together_stay_within_the_budget() throws Exception {
    Topics small = topics(new TopicLimits(10_000, 50_000, 10, 10));
    for (int i = 0; i < 1_000; i++) {
      publish(small, "t" + i % 3, "x".repeat(100));
      assertThat(small.bytes()).isLessThanOrEqualTo(50_000);
    }
    // Numbers go on although the items are gone.
    RecordingStream stream = new RecordingStream(10_000);
    open(small, stream, "t0", 1, 0);
    assertThat(gaps(stream)).hasSize(1);
    assertThat(sequences(stream)).isNotEmpty().endsWith(334L);
  }

  @Test
  void too_many_topics_push_out_the_quietest_without_subscribers() throws Exception {
    RecordingStream stream = new RecordingStream(100);
    open(topics, stream, "listened to", 0, 0);
    publish(topics, "quiet", 1);
    long page = pageOf("quiet");
    publish(topics, "busy", 1);
    for (int i = 0; i < 10; i++) {
      publish(topics, "busy", 1);
      publish(topics, "new-" + i, 1);
      assertThat(topics.topicCount()).isLessThanOrEqualTo(3);
    }
    publish(topics, "listened to", "heard");
    settle();
    assertThat(sequences(stream)).containsExactly(1L);
    publish(topics, "quiet", 1);
    assertThat(pageOf("quiet")).isGreaterThan(page);
  }

  @Test
  void when_every_topic_has_subscribers_there_is_no_room_for_another() throws Exception {
    for (String topic : List.of("a", "b", "c")) {
      open(topics, new RecordingStream(100), topic, 0, 0);
    }
    RecordingStream refused = new RecordingStream(100);
    open(topics, refused, "d", 0, 0);
    assertThat(refused.end.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(refused.sent).isEmpty();
  }

  @Test
  void too_many_subscribers_are_refused_and_leaving_makes_room() throws Exception {
    Subscription leaving = open(topics, new RecordingStream(100), "t", 0, 0);
    for (int i = 0; i < 4; i++) {
      open(topics, new RecordingStream(100), "t", 0, 0);
    }
    RecordingStream refused = new RecordingStream(100);
    open(topics, refused, "t", 0, 0);
    assertThat(refused.end.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(refused.end.getDescription()).contains("subscribers");
    leaving.cancelled();
    assertThat(topics.subscriptionCount()).isEqualTo(4);
  }

  @Test
  void closing_ends_every_stream_before_it_says_so() throws Exception {
    RecordingStream stream = new RecordingStream(100);
    open(topics, stream, "t", 0, 0);
    topics.close().get(60, TimeUnit.SECONDS);
    assertThat(stream.end.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(topics.bytes()).isZero();
    assertThat(topics.publish(CACHE, "c", "t", _TopicValue.getDefaultInstance(), ""))
        .isInstanceOf(Topics.Outcome.Refused.class);
  }

  @Test
  void pages_grow_also_across_a_restart() {
    SequencePages pages = new SequencePages(clock);
    long first = pages.next();
    long second = pages.next();
    clock.advance(Duration.ofMillis(1));
    long afterRestart = new SequencePages(clock).next();
    assertThat(first).isPositive();
    assertThat(second).isGreaterThan(first);
    assertThat(afterRestart).isGreaterThan(second).isLessThan(1L << 53);
  }
}
