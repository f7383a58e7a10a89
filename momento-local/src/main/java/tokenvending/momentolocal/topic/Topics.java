package tokenvending.momentolocal.topic;

import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import tokenvending.momentolocal.cache.CacheLifecycle;
import tokenvending.momentolocal.call.CallError;
import tokenvending.momentolocal.wire._SubscriptionItem;
import tokenvending.momentolocal.wire._TopicItem;
import tokenvending.momentolocal.wire._TopicValue;

/**
 * All topics with their history. Publishing appends to a topic's ring and notifies its subscribers.
 * Each subscriber reads the ring at its own pace, so none delays a publisher or another subscriber,
 * and nothing is queued for one. Thread-safe.
 */
public final class Topics implements CacheLifecycle {

  // The approximate overhead of an item's objects, in bytes.
  private static final int OVERHEAD = 200;

  private record Address(long cacheId, String name) {}

  /** A subscriber's position: the next item that it receives, and the page of that item. */
  record Position(Topic topic, long page, long next) {}

  /** The result of a publication or subscription. */
  sealed interface Outcome<T> {

    /** It succeeded. */
    record Done<T>(T value) implements Outcome<T> {}

    /** It failed. */
    record Refused<T>(CallError refusal) implements Outcome<T> {}
  }

  /** What is at a subscriber's position. */
  sealed interface Reading {

    /** The next item. */
    record Found(_SubscriptionItem item) implements Reading {}

    /** The next item is no longer stored; {@code last} is the newest item that was lost. */
    record Gap(long page, long last) implements Reading {}

    /** No new item. */
    record Nothing() implements Reading {}
  }

  private final TopicLimits limits;
  private final SequencePages pages;

  private final Set<Long> caches = new HashSet<>();
  // In the order of last use, so that the least recently used topic comes first.
  private final Map<Address, Topic> topics = new LinkedHashMap<>(16, 0.75f, true);
  // All items of all topics in the order of publication.
  private final Set<Topic.Entry> history = new LinkedHashSet<>();
  private final Set<Subscription> subscriptions = new HashSet<>();
  private long bytes;
  private boolean closed;

  public Topics(TopicLimits limits, InstantSource clock) {
    this.limits = limits;
    this.pages = new SequencePages(clock);
  }

  @Override
  public synchronized void created(long cacheId) {
    caches.add(cacheId);
  }

  @Override
  public synchronized void flushed(long cacheId) {
    topics.forEach(
        (address, topic) -> {
          if (address.cacheId() == cacheId) {
            dropAll(topic);
            topic.reset(pages.next());
            topic.subscriptions().forEach(Subscription::wake);
          }
        });
  }

  @Override
  public synchronized void deleted(long cacheId, String name) {
    caches.remove(cacheId);
    Iterator<Map.Entry<Address, Topic>> all = topics.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<Address, Topic> entry = all.next();
      if (entry.getKey().cacheId() == cacheId) {
        Topic topic = entry.getValue();
        dropAll(topic);
        for (Subscription subscription : topic.subscriptions()) {
          subscriptions.remove(subscription);
          subscription.end(CallError.noSuchCache(name));
        }
        topic.subscriptions().clear();
        all.remove();
      }
    }
  }

  /** Adds an item to a topic, and returns its sequence number. */
  synchronized Outcome<Long> publish(
      long cacheId, String cacheName, String topicName, _TopicValue value, String publisherId) {
    return switch (topic(cacheId, cacheName, topicName)) {
      case Outcome.Refused<Topic>(CallError refusal) -> new Outcome.Refused<>(refusal);
      case Outcome.Done<Topic>(Topic topic) -> {
        append(topic, value, publisherId);
        topic.subscriptions().forEach(Subscription::wake);
        yield new Outcome.Done<>(topic.last());
      }
    };
  }

  private void append(Topic topic, _TopicValue value, String publisherId) {
    long sequence = topic.last() + 1;
    _SubscriptionItem item =
        _SubscriptionItem.newBuilder()
            .setItem(
                _TopicItem.newBuilder()
                    .setTopicSequenceNumber(sequence)
                    .setValue(value)
                    .setPublisherId(publisherId)
                    .setSequencePage(topic.page()))
            .build();
    Topic.Entry entry = new Topic.Entry(topic, item, (long) item.getSerializedSize() + OVERHEAD);
    topic.append(entry);
    history.add(entry);
    bytes += entry.bytes();
    if (topic.size() > limits.itemsPerTopic()) {
      dropOldest(topic);
    }
    Iterator<Topic.Entry> oldest = history.iterator();
    while (bytes > limits.bytes() && history.size() > 1) {
      Topic.Entry gone = oldest.next();
      oldest.remove();
      bytes -= gone.bytes();
      gone.topic().dropOldest();
    }
  }

  /**
   * Notifies the subscription from now on, and returns its position.
   *
   * @param resumeAt the first item to receive, 0 for new ones only
   * @param page the page of {@code resumeAt}, 0 if the subscriber does not know it
   */
  synchronized Outcome<Position> subscribe(
      long cacheId,
      String cacheName,
      String topicName,
      long resumeAt,
      long page,
      Subscription subscription) {
    if (subscriptions.size() >= limits.subscriptions()) {
      return new Outcome.Refused<>(
          CallError.exhausted("too many subscribers", "topic_subscriptions_limit_exceeded"));
    }
    return switch (topic(cacheId, cacheName, topicName)) {
      case Outcome.Refused<Topic>(CallError refusal) -> new Outcome.Refused<>(refusal);
      case Outcome.Done<Topic>(Topic topic) -> {
        topic.subscriptions().add(subscription);
        subscriptions.add(subscription);
        yield new Outcome.Done<>(position(topic, resumeAt, page));
      }
    };
  }

  private static Position position(Topic topic, long resumeAt, long page) {
    if (resumeAt == 0) {
      return new Position(topic, topic.page(), topic.last() + 1);
    }
    // A subscriber ahead of the topic followed an earlier incarnation of it, even without a page.
    boolean stale = page == 0 ? resumeAt > topic.last() + 1 : page != topic.page();
    // Unsigned on the wire: a negative value is beyond every item.
    long next = resumeAt < 0 ? Long.MAX_VALUE : resumeAt;
    return new Position(topic, stale ? 0 : topic.page(), next);
  }

  /** Returns what the subscriber at this position receives next. */
  synchronized Reading read(Position position) {
    Topic topic = position.topic();
    if (position.page() != topic.page()) {
      return new Reading.Gap(topic.page(), topic.first() - 1);
    }
    if (position.next() < topic.first()) {
      return new Reading.Gap(topic.page(), topic.first() - 1);
    }
    if (position.next() > topic.last() + 1) {
      return new Reading.Gap(topic.page(), topic.last());
    }
    return position.next() > topic.last()
        ? new Reading.Nothing()
        : new Reading.Found(topic.at(position.next()).item());
  }

  /** Stops notifying the subscription. */
  synchronized void unsubscribe(Position position, Subscription subscription) {
    position.topic().subscriptions().remove(subscription);
    subscriptions.remove(subscription);
  }

  /** Ends the subscriptions whose credentials have expired. */
  public void endExpired(Instant now) {
    List<Subscription> expired;
    synchronized (this) {
      expired = subscriptions.stream().filter(s -> s.expiredAt(now)).toList();
    }
    expired.forEach(subscription -> subscription.end(Subscription.expired()));
  }

  /**
   * Ends all subscriptions and drops all state; later calls are rejected. The future completes when
   * every stream has ended.
   */
  public CompletableFuture<Void> close() {
    List<Subscription> open;
    synchronized (this) {
      closed = true;
      open = List.copyOf(subscriptions);
      subscriptions.clear();
      topics.clear();
      history.clear();
      caches.clear();
      bytes = 0;
    }
    open.forEach(subscription -> subscription.end(CallError.shuttingDown()));
    return CompletableFuture.allOf(
        open.stream().map(Subscription::ended).toArray(CompletableFuture[]::new));
  }

  /** Returns the size of the history in bytes. */
  synchronized long bytes() {
    return bytes;
  }

  /** Returns the number of open subscriptions. */
  public synchronized int subscriptionCount() {
    return subscriptions.size();
  }

  synchronized int topicCount() {
    return topics.size();
  }

  private Outcome<Topic> topic(long cacheId, String cacheName, String name) {
    if (closed) {
      return new Outcome.Refused<>(CallError.shuttingDown());
    }
    if (!caches.contains(cacheId)) {
      // The cache was deleted after the look-up of its name.
      return new Outcome.Refused<>(CallError.noSuchCache(cacheName));
    }
    Address address = new Address(cacheId, name);
    Topic existing = topics.get(address);
    if (existing != null) {
      return new Outcome.Done<>(existing);
    }
    if (topics.size() >= limits.topics() && !forgetQuietest()) {
      return new Outcome.Refused<>(CallError.exhausted("too many topics with subscribers", ""));
    }
    Topic created = new Topic(pages.next());
    topics.put(address, created);
    return new Outcome.Done<>(created);
  }

  private boolean forgetQuietest() {
    Iterator<Topic> quietestFirst = topics.values().iterator();
    while (quietestFirst.hasNext()) {
      Topic topic = quietestFirst.next();
      if (topic.subscriptions().isEmpty()) {
        dropAll(topic);
        quietestFirst.remove();
        return true;
      }
    }
    return false;
  }

  private void dropAll(Topic topic) {
    while (topic.size() > 0) {
      dropOldest(topic);
    }
  }

  private void dropOldest(Topic topic) {
    Topic.Entry gone = topic.oldest();
    history.remove(gone);
    bytes -= gone.bytes();
    topic.dropOldest();
  }
}
