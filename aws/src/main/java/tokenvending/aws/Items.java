package tokenvending.aws;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import tokenvending.aws.AttributeValue.Bytes;
import tokenvending.aws.AttributeValue.Flag;
import tokenvending.aws.AttributeValue.Many;
import tokenvending.aws.AttributeValue.Named;
import tokenvending.aws.AttributeValue.Text;
import tokenvending.aws.AttributeValue.Whole;

/** The common attributes of every item: two string keys and its expiry. */
final class Items {
  static final String PARTITION = "pk";
  static final String SORT = "sk";

  /** The time to live, in seconds since 1970. */
  static final String EXPIRES = "expires";

  /** The sort key of a partition with one item. */
  private static final String ALONE = "-";

  private Items() {}

  static Map<String, AttributeValue> key(String partition) {
    return key(partition, ALONE);
  }

  static Map<String, AttributeValue> key(String partition, String sort) {
    return Map.of(PARTITION, new Text(partition), SORT, new Text(sort));
  }

  /** Returns an attribute that must exist. */
  static String text(Map<String, AttributeValue> item, String name) {
    if (item.get(name) instanceof Text(String text)) {
      return text;
    }
    throw foreign(name);
  }

  /** Returns an attribute that must exist. */
  static boolean flag(Map<String, AttributeValue> item, String name) {
    if (item.get(name) instanceof Flag(boolean flag)) {
      return flag;
    }
    throw foreign(name);
  }

  static OptionalLong number(Map<String, AttributeValue> item, String name) {
    return item.get(name) instanceof Whole(long number)
        ? OptionalLong.of(number)
        : OptionalLong.empty();
  }

  static Optional<byte[]> bytes(Map<String, AttributeValue> item, String name) {
    return item.get(name) instanceof Bytes(byte[] bytes) ? Optional.of(bytes) : Optional.empty();
  }

  /** Returns an attribute, or an empty map. */
  static Map<String, AttributeValue> named(Map<String, AttributeValue> item, String name) {
    return item.get(name) instanceof Named(var values) ? values : Map.of();
  }

  /** Returns an attribute, or an empty list. */
  static List<AttributeValue> many(Map<String, AttributeValue> item, String name) {
    return item.get(name) instanceof Many(var values) ? values : List.of();
  }

  static long number(AttributeValue value) {
    if (value instanceof Whole(long number)) {
      return number;
    }
    throw foreign("a number");
  }

  private static IllegalStateException foreign(String missing) {
    return new IllegalStateException("another program's item: it lacks " + missing);
  }
}
