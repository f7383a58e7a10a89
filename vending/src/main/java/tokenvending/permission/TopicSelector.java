package tokenvending.permission;

/** Which topics of a cache a permission is about. */
public sealed interface TopicSelector {
  /** Whether everything that the other selector matches is matched by this one. */
  boolean covers(TopicSelector other);

  /** Every topic. */
  record AllTopics() implements TopicSelector {
    @Override
    public boolean covers(TopicSelector other) {
      return true;
    }
  }

  /** One topic. Compared byte by byte, case included. */
  record TopicName(String name) implements TopicSelector {
    public TopicName {
      Names.checked(name);
    }

    @Override
    public boolean covers(TopicSelector other) {
      return equals(other);
    }
  }

  /** Topics whose name begins with this prefix; the prefix itself is one of them. */
  record TopicNamePrefix(String prefix) implements TopicSelector {
    public TopicNamePrefix {
      Names.checked(prefix);
    }

    @Override
    public boolean covers(TopicSelector other) {
      return switch (other) {
        case AllTopics() -> false;
        case TopicName(String name) -> name.startsWith(prefix);
        case TopicNamePrefix(String narrower) -> narrower.startsWith(prefix);
      };
    }
  }
}
