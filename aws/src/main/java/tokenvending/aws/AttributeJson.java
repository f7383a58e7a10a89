package tokenvending.aws;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
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
import tokenvending.text.Json;
import tokenvending.text.JsonObject;

/**
 * The JSON form of items: each value is an object that names its type, {@code {"N": "17"}}
 * (DynamoDB API Reference, AttributeValue).
 */
final class AttributeJson {
  private AttributeJson() {}

  static JsonObject write(Map<String, AttributeValue> item) {
    JsonObject json = new JsonObject();
    item.forEach((name, value) -> json.object(name, write(value)));
    return json;
  }

  private static JsonObject write(AttributeValue value) {
    return switch (value) {
      case Text(String text) -> new JsonObject().text("S", text);
      case Whole(long number) -> new JsonObject().text("N", Long.toString(number));
      case Flag(boolean flag) -> new JsonObject().flag("BOOL", flag);
      case Bytes(byte[] bytes) ->
          new JsonObject().text("B", Base64.getEncoder().encodeToString(bytes));
      case Many(List<AttributeValue> values) ->
          new JsonObject().objects("L", values.stream().map(AttributeJson::write).toList());
      case Named(Map<String, AttributeValue> values) -> new JsonObject().object("M", write(values));
    };
  }

  /**
   * Parses an item. Attributes of other types are omitted, so that an item with further attributes
   * can be read.
   *
   * @throws IOException if it is not an item
   */
  static Map<String, AttributeValue> read(Json json) throws IOException {
    Map<String, AttributeValue> item = new LinkedHashMap<>();
    for (Map.Entry<String, Json> member : members(json).entrySet()) {
      value(member.getValue()).ifPresent(value -> item.put(member.getKey(), value));
    }
    return item;
  }

  private static Map<String, Json> members(Json json) throws IOException {
    if (json instanceof Json.Members members) {
      return members.values();
    }
    throw new IOException("no item");
  }

  private static Optional<AttributeValue> value(Json json) throws IOException {
    if (members(json).size() != 1) {
      throw new IOException("no item");
    }
    Map.Entry<String, Json> one = members(json).entrySet().iterator().next();
    return switch (one.getKey()) {
      case "S" -> Optional.of(new Text(text(one.getValue())));
      case "N" -> whole(text(one.getValue()));
      case "BOOL" -> Optional.of(new Flag(one.getValue().equals(new Json.Bool(true))));
      case "B" -> Optional.of(new Bytes(bytes(text(one.getValue()))));
      case "L" -> Optional.of(new Many(many(one.getValue())));
      case "M" -> Optional.of(new Named(read(one.getValue())));
      default -> Optional.empty();
    };
  }

  private static String text(Json json) throws IOException {
    return json.scalar().orElseThrow(() -> new IOException("no item"));
  }

  private static byte[] bytes(String base64) throws IOException {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new IOException("no item", e);
    }
  }

  private static List<AttributeValue> many(Json json) throws IOException {
    if (!(json instanceof Json.Items(List<Json> items))) {
      throw new IOException("no item");
    }
    List<AttributeValue> many = new ArrayList<>();
    for (Json item : items) {
      value(item).ifPresent(many::add);
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
}
