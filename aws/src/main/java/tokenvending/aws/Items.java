package tokenvending.aws;

import java.util.Map;
import java.util.OptionalLong;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** The form of every item: two keys, both text, and when it may be deleted. */
final class Items {
  static final String PARTITION = "pk";
  static final String SORT = "sk";

  /** In seconds since 1970, as the table's time to live wants it. */
  static final String EXPIRES = "expires";

  /** Where a partition is one item. */
  private static final String ALONE = "-";

  private Items() {}

  static Map<String, AttributeValue> key(String partition) {
    return key(partition, ALONE);
  }

  static Map<String, AttributeValue> key(String partition, String sort) {
    return Map.of(PARTITION, AttributeValue.fromS(partition), SORT, AttributeValue.fromS(sort));
  }

  static AttributeValue number(long number) {
    return AttributeValue.fromN(Long.toString(number));
  }

  /** Of an item that must have it. */
  static AttributeValue value(Map<String, AttributeValue> item, String name) {
    AttributeValue value = item.get(name);
    if (value == null) {
      throw new IllegalStateException("an item of somebody else's: it lacks " + name);
    }
    return value;
  }

  static OptionalLong number(Map<String, AttributeValue> item, String name) {
    AttributeValue value = item.get(name);
    return value == null || value.n() == null
        ? OptionalLong.empty()
        : OptionalLong.of(Long.parseLong(value.n()));
  }
}
