package tokenvending.momentolocal.topic;

/**
 * The limits on the memory of topics. The newest {@code itemsPerTopic} items of each topic are kept
 * until all topics together exceed {@code bytes}; then the oldest items of all go first. Beyond
 * {@code topics}, the topic without subscribers that has been quiet for longest is forgotten.
 */
public record TopicLimits(int itemsPerTopic, long bytes, int topics, int subscriptions) {

  public TopicLimits {
    if (itemsPerTopic < 1 || bytes < 1 || topics < 1 || subscriptions < 1) {
      throw new IllegalArgumentException("a limit below 1");
    }
  }
}
