package tokenvending.permission;

/** Access to topics. */
public enum TopicRole implements Role {
  PUBLISH_SUBSCRIBE("PublishSubscribe"),
  SUBSCRIBE_ONLY("SubscribeOnly"),
  PUBLISH_ONLY("PublishOnly");

  private final String word;

  TopicRole(String word) {
    this.word = word;
  }

  @Override
  public String word() {
    return word;
  }

  /** Whether this role allows everything that the other one allows. */
  public boolean covers(TopicRole other) {
    return this == PUBLISH_SUBSCRIBE || this == other;
  }
}
