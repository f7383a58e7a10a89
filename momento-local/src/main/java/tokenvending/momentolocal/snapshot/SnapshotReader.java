package tokenvending.momentolocal.snapshot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import tokenvending.momentolocal.wire._DictionaryFieldValuePair;
import tokenvending.momentolocal.wire._DictionarySetRequest;
import tokenvending.momentolocal.wire._ListConcatenateBackRequest;
import tokenvending.momentolocal.wire._SetRequest;
import tokenvending.momentolocal.wire._SetUnionRequest;
import tokenvending.momentolocal.wire._SortedSetElement;
import tokenvending.momentolocal.wire._SortedSetPutRequest;

/** Reads the JSON of a snapshot: for each cache, the operations that store its items. */
final class SnapshotReader {

  /** An operation that stores an item. */
  record Write(ByteString key, String rpc, MessageLite request) {}

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .build();

  // The longest time to live that Momento allows without a request.
  private static final long DEFAULT_TTL = Duration.ofDays(1).toMillis();

  private static final Set<String> KINDS =
      Set.of("value", "dictionary", "set", "list", "sortedSet");

  private SnapshotReader() {}

  /**
   * Reads a snapshot.
   *
   * @throws IllegalArgumentException if it is not valid
   */
  static Map<String, List<Write>> read(byte[] json) {
    JsonNode root;
    try {
      root = JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not valid JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new IllegalArgumentException("not valid JSON", e);
    }
    only(root, Set.of("caches"), "a snapshot");
    Map<String, List<Write>> caches = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> cache : object(root.path("caches"), "caches")) {
      List<Write> writes = new ArrayList<>();
      for (JsonNode item : array(cache.getValue(), "a cache")) {
        writes.add(write(item));
      }
      caches.put(cache.getKey(), writes);
    }
    return caches;
  }

  private static Write write(JsonNode item) {
    Iterator<String> kinds =
        KINDS.stream().filter(kind -> item.isObject() && item.has(kind)).iterator();
    String kind = kinds.hasNext() ? kinds.next() : "value";
    only(item, Set.of("key", "ttlMilliseconds", kind), "an item");
    ByteString key = bytes(item.path("key"), "key");
    JsonNode ttl = item.path("ttlMilliseconds");
    if (!ttl.isMissingNode() && (!ttl.canConvertToLong() || !ttl.isIntegralNumber())) {
      throw new IllegalArgumentException("ttlMilliseconds: expected a whole number");
    }
    long millis = ttl.asLong(DEFAULT_TTL);
    JsonNode content = item.path(kind);
    return switch (kind) {
      case "dictionary" ->
          new Write(
              key,
              "DictionarySet",
              _DictionarySetRequest.newBuilder()
                  .setDictionaryName(key)
                  .setTtlMilliseconds(millis)
                  .addAllItems(each(content, kind, SnapshotReader::field))
                  .build());
      case "set" ->
          new Write(
              key,
              "SetUnion",
              _SetUnionRequest.newBuilder()
                  .setSetName(key)
                  .setTtlMilliseconds(millis)
                  .addAllElements(each(content, kind, element -> bytes(element, "set")))
                  .build());
      case "list" ->
          new Write(
              key,
              "ListConcatenateBack",
              _ListConcatenateBackRequest.newBuilder()
                  .setListName(key)
                  .setTtlMilliseconds(millis)
                  .addAllValues(each(content, kind, value -> bytes(value, "list")))
                  .build());
      case "sortedSet" ->
          new Write(
              key,
              "SortedSetPut",
              _SortedSetPutRequest.newBuilder()
                  .setSetName(key)
                  .setTtlMilliseconds(millis)
                  .addAllElements(each(content, kind, SnapshotReader::scored))
                  .build());
      default ->
          new Write(
              key,
              "Set",
              _SetRequest.newBuilder()
                  .setCacheKey(key)
                  .setTtlMilliseconds(millis)
                  .setCacheBody(bytes(content, "value"))
                  .build());
    };
  }

  private static _DictionaryFieldValuePair field(JsonNode pair) {
    only(pair, Set.of("field", "value"), "a field of a dictionary");
    return _DictionaryFieldValuePair.newBuilder()
        .setField(bytes(pair.path("field"), "field"))
        .setValue(bytes(pair.path("value"), "value"))
        .build();
  }

  private static _SortedSetElement scored(JsonNode element) {
    only(element, Set.of("value", "score"), "an element of a sorted set");
    return _SortedSetElement.newBuilder()
        .setValue(bytes(element.path("value"), "value"))
        .setScore(score(element.path("score")))
        .build();
  }

  private static double score(JsonNode node) {
    return switch (node.asText()) {
      case "Infinity" -> Double.POSITIVE_INFINITY;
      case "-Infinity" -> Double.NEGATIVE_INFINITY;
      case String _ when node.isNumber() -> node.asDouble();
      default -> throw new IllegalArgumentException("score: expected a number");
    };
  }

  /** Returns a text as UTF-8, or the content of {@code {"base64": …}}. */
  private static ByteString bytes(JsonNode node, String what) {
    if (node.isTextual()) {
      return ByteString.copyFromUtf8(node.textValue());
    }
    if (node.size() == 1 && node.path("base64").isTextual()) {
      try {
        return ByteString.copyFrom(Base64.getDecoder().decode(node.path("base64").textValue()));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(what + ": not base64", e);
      }
    }
    throw new IllegalArgumentException(what + ": expected a text or {\"base64\": …}");
  }

  private static <T> List<T> each(JsonNode array, String what, Function<JsonNode, T> read) {
    List<T> all = new ArrayList<>();
    array(array, what).forEach(node -> all.add(read.apply(node)));
    return all;
  }

  private static JsonNode array(JsonNode node, String what) {
    if (!node.isArray()) {
      throw new IllegalArgumentException(what + ": expected a list");
    }
    return node;
  }

  private static Set<Map.Entry<String, JsonNode>> object(JsonNode node, String what) {
    if (!node.isObject()) {
      throw new IllegalArgumentException(what + ": expected an object");
    }
    return node.properties();
  }

  private static void only(JsonNode node, Set<String> names, String what) {
    for (Map.Entry<String, JsonNode> property : object(node, what)) {
      if (!names.contains(property.getKey())) {
        throw new IllegalArgumentException(what + " has no \"" + property.getKey() + "\" here");
      }
    }
  }
}
