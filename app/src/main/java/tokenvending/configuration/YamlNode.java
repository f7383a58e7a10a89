package tokenvending.configuration;

import java.util.List;

/**
 * A node of a YAML file with its position and uninterpreted text. A value in a mapping has the
 * position of its key, because readers look there.
 */
sealed interface YamlNode {
  Position at();

  /**
   * A text or number, as written.
   *
   * @param plain whether it is unquoted, so that a YAML reader could interpret it as a number
   */
  record Scalar(String text, boolean plain, Position at) implements YamlNode {}

  record Sequence(List<YamlNode> items, Position at) implements YamlNode {
    public Sequence {
      items = List.copyOf(items);
    }
  }

  /** A mapping without duplicate keys. */
  record Mapping(List<Entry> entries, Position at) implements YamlNode {
    public Mapping {
      entries = List.copyOf(entries);
    }
  }

  /** A node that was already rejected and is not reported again. */
  record Refused(Position at) implements YamlNode {}

  /**
   * A key with its value.
   *
   * @param plain whether the key is unquoted
   */
  record Entry(String key, boolean plain, YamlNode value) {
    Position at() {
      return value.at();
    }
  }

  /** Returns the position of the deepest node on the path, such as {@code rules[1].when.groups}. */
  default Position deepest(String path) {
    YamlNode node = this;
    String rest = path;
    while (!rest.isEmpty()) {
      String now = rest;
      switch (node) {
        case Mapping mapping -> {
          Entry next = null;
          for (Entry entry : mapping.entries()) {
            // A claim's name can contain dots, so the longest matching key is used.
            if (begins(now, entry.key())
                && (next == null || entry.key().length() > next.key().length())) {
              next = entry;
            }
          }
          if (next == null) {
            return node.at();
          }
          node = next.value();
          rest = withoutDot(now.substring(next.key().length()));
        }
        case Sequence sequence -> {
          int close = now.indexOf(']');
          if (!now.startsWith("[") || close < 0) {
            return node.at();
          }
          int index = Integer.parseInt(now.substring(1, close));
          if (index >= sequence.items().size()) {
            return node.at();
          }
          node = sequence.items().get(index);
          rest = withoutDot(now.substring(close + 1));
        }
        case Scalar scalar -> {
          return scalar.at();
        }
        case Refused refused -> {
          return refused.at();
        }
      }
    }
    return node.at();
  }

  private static boolean begins(String path, String key) {
    return path.startsWith(key)
        && (path.length() == key.length() || ".[".indexOf(path.charAt(key.length())) >= 0);
  }

  private static String withoutDot(String path) {
    return path.startsWith(".") ? path.substring(1) : path;
  }
}
