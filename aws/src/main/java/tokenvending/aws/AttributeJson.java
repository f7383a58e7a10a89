package tokenvending.aws;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tokenvending.aws.AttributeValue.Bytes;
import tokenvending.aws.AttributeValue.Flag;
import tokenvending.aws.AttributeValue.Many;
import tokenvending.aws.AttributeValue.Named;
import tokenvending.aws.AttributeValue.Text;
import tokenvending.aws.AttributeValue.Whole;

/**
 * Items on the wire: each value in an object that names its kind, {@code {"N": "17"}} (DynamoDB API
 * Reference, AttributeValue).
 */
final class AttributeJson {
  private AttributeJson() {}

  static void write(Map<String, AttributeValue> item, JsonGenerator out) throws IOException {
    out.writeStartObject();
    for (Map.Entry<String, AttributeValue> one : item.entrySet()) {
      out.writeFieldName(one.getKey());
      write(one.getValue(), out);
    }
    out.writeEndObject();
  }

  private static void write(AttributeValue value, JsonGenerator out) throws IOException {
    out.writeStartObject();
    switch (value) {
      case Text(String text) -> out.writeStringField("S", text);
      case Whole(long number) -> out.writeStringField("N", Long.toString(number));
      case Flag(boolean flag) -> out.writeBooleanField("BOOL", flag);
      case Bytes(byte[] bytes) -> out.writeBinaryField("B", bytes);
      case Many(List<AttributeValue> values) -> {
        out.writeArrayFieldStart("L");
        for (AttributeValue one : values) {
          write(one, out);
        }
        out.writeEndArray();
      }
      case Named(Map<String, AttributeValue> values) -> {
        out.writeFieldName("M");
        write(values, out);
      }
    }
    out.writeEndObject();
  }

  /**
   * An item whose object begins here. What is of no kind of ours is left out, so that an item with
   * more than ours can be read.
   *
   * @throws IOException where it is none
   */
  static Map<String, AttributeValue> read(JsonParser in) throws IOException {
    require(in.currentToken() == JsonToken.START_OBJECT);
    Map<String, AttributeValue> item = new LinkedHashMap<>();
    while (in.nextToken() == JsonToken.FIELD_NAME) {
      String name = in.currentName();
      var _ = in.nextToken();
      value(in).ifPresent(value -> item.put(name, value));
    }
    return item;
  }

  /** The value whose object begins here. */
  private static Optional<AttributeValue> value(JsonParser in) throws IOException {
    require(in.currentToken() == JsonToken.START_OBJECT);
    require(in.nextToken() == JsonToken.FIELD_NAME);
    String kind = in.currentName();
    var _ = in.nextToken();
    Optional<AttributeValue> value =
        switch (kind) {
          case "S" -> Optional.of(new Text(in.getText()));
          case "N" -> whole(in.getText());
          case "BOOL" -> Optional.of(new Flag(in.getBooleanValue()));
          case "B" -> Optional.of(new Bytes(in.getBinaryValue()));
          case "L" -> Optional.of(new Many(many(in)));
          case "M" -> Optional.of(new Named(read(in)));
          default -> {
            in.skipChildren();
            yield Optional.empty();
          }
        };
    require(in.nextToken() == JsonToken.END_OBJECT);
    return value;
  }

  private static List<AttributeValue> many(JsonParser in) throws IOException {
    require(in.currentToken() == JsonToken.START_ARRAY);
    List<AttributeValue> many = new ArrayList<>();
    while (in.nextToken() != JsonToken.END_ARRAY) {
      value(in).ifPresent(many::add);
    }
    return many;
  }

  private static Optional<AttributeValue> whole(String number) {
    try {
      return Optional.of(new Whole(Long.parseLong(number)));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static void require(boolean asExpected) throws IOException {
    if (!asExpected) {
      throw new IOException("no item");
    }
  }
}
