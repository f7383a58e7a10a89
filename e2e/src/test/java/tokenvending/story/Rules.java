package tokenvending.story;

/** The texts of tvm.yaml files that the stories are told with; each has one rule, for everybody. */
final class Rules {

  /** Something of everything, and nothing more: what is outside of it must fail. */
  static final String NARROW =
      everybody(
          "1h",
          """
                - { role: ReadWrite, cache: default-cache, item: { key-prefix: "mine-" } }
                - { role: ReadOnly, cache: library }
                - { role: SubscribeOnly, cache: default-cache, topic: "news" }
                - { role: PublishOnly, cache: library, topic: "inbox" }
          """);

  /** All caches, so that a missing cache can be told from one that is not allowed. */
  static final String ALL_CACHES =
      everybody(
          "1h",
          """
                - { role: ReadWrite, cache: all }
                - { role: PublishSubscribe, cache: all, topic: all }
          """);

  /** A token that lives for five seconds. */
  static final String BRIEF =
      everybody(
          "5s",
          """
                - { role: ReadWrite, cache: default-cache }
                - { role: PublishSubscribe, cache: default-cache, topic: all }
          """);

  private Rules() {}

  private static String everybody(String ttl, String permissions) {
    return """
    token:
      ttl: %s
    authentication:
      - open: {}
    parameters:
      name: { max-length: 64, required: false }
    rules:
      - id: everyone
        token-id: "${request.name}"
        permissions:
    %s"""
        .formatted(ttl, permissions);
  }
}
