package tokenvending.permission;

/** What may be done with topics. */
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

  /** Whether everything the other role allows is allowed by this one. */
  public boolean covers(TopicRole other) {
    return this == PUBLISH_SUBSCRIBE || this == other;
  }
}
