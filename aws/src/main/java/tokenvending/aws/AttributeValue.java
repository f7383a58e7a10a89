package tokenvending.aws;

import java.util.List;
import java.util.Map;

/** An attribute of an item, in the types that this program uses. All numbers are whole. */
sealed interface AttributeValue {
  record Text(String text) implements AttributeValue {}

  record Whole(long number) implements AttributeValue {}

  record Flag(boolean flag) implements AttributeValue {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Bytes(byte[] bytes) implements AttributeValue {}

  record Many(List<AttributeValue> values) implements AttributeValue {}

  record Named(Map<String, AttributeValue> values) implements AttributeValue {}
}
