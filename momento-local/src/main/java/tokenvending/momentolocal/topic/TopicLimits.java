package tokenvending.momentolocal.topic;

/**
 * The limits on the memory of topics. Each topic keeps its newest {@code itemsPerTopic} items. If
 * all topics together exceed {@code bytes}, the oldest items of all are removed. Beyond {@code
 * topics}, the least recently used topic without subscribers is removed.
 */
public record TopicLimits(int itemsPerTopic, long bytes, int topics, int subscriptions) {

  public TopicLimits {
    if (itemsPerTopic < 1 || bytes < 1 || topics < 1 || subscriptions < 1) {
      throw new IllegalArgumentException("a limit below 1");
    }
  }
}
