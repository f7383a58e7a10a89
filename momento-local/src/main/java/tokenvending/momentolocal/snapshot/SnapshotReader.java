package tokenvending.momentolocal.snapshot;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import java.io.IOException;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tokenvending.momentolocal.cache.Caches;
import tokenvending.momentolocal.item.Value;
import tokenvending.momentolocal.wire._DictionaryFieldValuePair;
import tokenvending.momentolocal.wire._DictionarySetRequest;
import tokenvending.momentolocal.wire._ListConcatenateBackRequest;
import tokenvending.momentolocal.wire._SetRequest;
import tokenvending.momentolocal.wire._SetUnionRequest;
import tokenvending.momentolocal.wire._SortedSetElement;
import tokenvending.momentolocal.wire._SortedSetPutRequest;

/**
 * Reads the JSON of a snapshot as operations that store its items. It holds one item at a time,
 * because a tree of the JSON takes many times the memory of the text.
 */
final class SnapshotReader {

  /** An operation that stores an item. */
  record Write(ByteString key, String rpc, MessageLite request) {}

  /** Receives what is read; each method returns why it cannot be stored. */
  interface Visitor {
    Optional<String> cache(String name);

    Optional<String> item(Write write);
  }

  /** Reads a part at the current token. */
  private interface Part<T> {
    T read() throws IOException;
  }

  /** Reads the value of a property. */
  private interface Property {
    void read(String name) throws IOException;
  }

  private record Head(ByteString key, long ttlMillis) {}

  private static final JsonFactory JSON = new JsonFactory();

  // The longest time to live that Momento allows without a request.
  private static final long DEFAULT_TTL = Duration.ofDays(1).toMillis();

  /** More do not fit into a collection, even if they are empty. */
  private static final long MAX_ELEMENTS = Value.MAX_COLLECTION_BYTES / Value.ELEMENT_OVERHEAD;

  private static final String ONE_OF = "one of value, dictionary, set, list and sortedSet";

  private final JsonParser json;
  private final Visitor visitor;
  private final CharsetEncoder utf8 = StandardCharsets.UTF_8.newEncoder();

  private SnapshotReader(JsonParser json, Visitor visitor) {
    this.json = json;
    this.visitor = visitor;
  }

  /**
   * Reads a snapshot.
   *
   * @throws IllegalArgumentException if it is not valid, or the visitor cannot store it
   */
  static void read(byte[] text, Visitor visitor) {
    try (JsonParser json = JSON.createParser(text)) {
      try {
        new SnapshotReader(json, visitor).snapshot();
      } catch (JsonProcessingException e) {
        @Nullable JsonLocation at = e.getLocation();
        throw new IllegalArgumentException(
            place(at == null ? json.currentLocation() : at) + ": not valid JSON", e);
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("not valid JSON", e);
    }
  }

  private void snapshot() throws IOException {
    json.nextToken();
    Set<String> found = object(Set.of("caches"), name -> caches());
    require(found, "caches");
    if (json.nextToken() != null) {
      throw invalid("expected the end");
    }
  }

  private void caches() throws IOException {
    expect(JsonToken.START_OBJECT, "an object");
    Set<String> names = new HashSet<>();
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String name = text(json.currentName());
      if (name.isBlank()) {
        throw invalid("a cache needs a name");
      }
      if (!names.add(name)) {
        throw invalid("a second time");
      }
      if (names.size() > Caches.MAX_CACHES) {
        throw invalid("more than " + Caches.MAX_CACHES + " caches");
      }
      stored(visitor.cache(name));
      json.nextToken();
      expect(JsonToken.START_ARRAY, "a list");
      while (json.nextToken() != JsonToken.END_ARRAY) {
        stored(visitor.item(item()));
      }
    }
  }

  private Write item() throws IOException {
    var draft =
        new Object() {
          ByteString key = ByteString.EMPTY;
          long ttl = DEFAULT_TTL;
          Optional<Function<Head, Write>> content = Optional.empty();
        };
    Set<String> found =
        object(
            Set.of("key", "ttlMilliseconds", "value", "dictionary", "set", "list", "sortedSet"),
            name -> {
              switch (name) {
                case "key" -> draft.key = bytes();
                case "ttlMilliseconds" -> draft.ttl = ttl();
                default -> {
                  if (draft.content.isPresent()) {
                    throw invalid("an item has " + ONE_OF);
                  }
                  draft.content = Optional.of(content(name));
                }
              }
            });
    require(found, "key");
    Head head = new Head(draft.key, draft.ttl);
    return draft.content.orElseThrow(() -> invalid("an item needs " + ONE_OF)).apply(head);
  }

  private long ttl() throws IOException {
    boolean fits =
        json.currentToken() == JsonToken.VALUE_NUMBER_INT
            && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
    if (!fits || json.getLongValue() < 1) {
      throw invalid("expected a positive whole number");
    }
    return json.getLongValue();
  }

  private Function<Head, Write> content(String kind) throws IOException {
    return switch (kind) {
      case "dictionary" -> {
        List<_DictionaryFieldValuePair> fields = each(this::field);
        yield head ->
            new Write(
                head.key(),
                "DictionarySet",
                _DictionarySetRequest.newBuilder()
                    .setDictionaryName(head.key())
                    .setTtlMilliseconds(head.ttlMillis())
                    .addAllItems(fields)
                    .build());
      }
      case "set" -> {
        List<ByteString> elements = each(this::bytes);
        yield head ->
            new Write(
                head.key(),
                "SetUnion",
                _SetUnionRequest.newBuilder()
                    .setSetName(head.key())
                    .setTtlMilliseconds(head.ttlMillis())
                    .addAllElements(elements)
                    .build());
      }
      case "list" -> {
        List<ByteString> values = each(this::bytes);
        yield head ->
            new Write(
                head.key(),
                "ListConcatenateBack",
                _ListConcatenateBackRequest.newBuilder()
                    .setListName(head.key())
                    .setTtlMilliseconds(head.ttlMillis())
                    .addAllValues(values)
                    .build());
      }
      case "sortedSet" -> {
        List<_SortedSetElement> elements = each(this::scored);
        yield head ->
            new Write(
                head.key(),
                "SortedSetPut",
                _SortedSetPutRequest.newBuilder()
                    .setSetName(head.key())
                    .setTtlMilliseconds(head.ttlMillis())
                    .addAllElements(elements)
                    .build());
      }
      default -> {
        ByteString value = bytes();
        yield head ->
            new Write(
                head.key(),
                "Set",
                _SetRequest.newBuilder()
                    .setCacheKey(head.key())
                    .setTtlMilliseconds(head.ttlMillis())
                    .setCacheBody(value)
                    .build());
      }
    };
  }

  private _DictionaryFieldValuePair field() throws IOException {
    _DictionaryFieldValuePair.Builder pair = _DictionaryFieldValuePair.newBuilder();
    Set<String> found =
        object(
            Set.of("field", "value"),
            name -> {
              ByteString read = bytes();
              var _ = name.equals("field") ? pair.setField(read) : pair.setValue(read);
            });
    require(found, "field");
    require(found, "value");
    return pair.build();
  }

  private _SortedSetElement scored() throws IOException {
    _SortedSetElement.Builder element = _SortedSetElement.newBuilder();
    Set<String> found =
        object(
            Set.of("value", "score"),
            name -> {
              var _ = name.equals("value") ? element.setValue(bytes()) : element.setScore(score());
            });
    require(found, "value");
    require(found, "score");
    return element.build();
  }

  private double score() throws IOException {
    if (json.currentToken().isNumeric() && Double.isFinite(json.getDoubleValue())) {
      return json.getDoubleValue();
    }
    return switch (json.getText()) {
      case "Infinity" -> Double.POSITIVE_INFINITY;
      case "-Infinity" -> Double.NEGATIVE_INFINITY;
      default -> throw invalid("expected a number");
    };
  }

  /** Reads a text as UTF-8, or the content of {@code {"base64": …}}. */
  private ByteString bytes() throws IOException {
    if (json.currentToken() == JsonToken.VALUE_STRING) {
      return ByteString.copyFromUtf8(text(json.getText()));
    }
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw invalid("expected a text or {\"base64\": …}");
    }
    var decoded =
        new Object() {
          ByteString bytes = ByteString.EMPTY;
        };
    Set<String> found =
        object(
            Set.of("base64"),
            name -> {
              expect(JsonToken.VALUE_STRING, "a text");
              try {
                decoded.bytes = ByteString.copyFrom(Base64.getDecoder().decode(json.getText()));
              } catch (IllegalArgumentException e) {
                throw invalid("not base64");
              }
            });
    require(found, "base64");
    return decoded.bytes;
  }

  /** Returns the text; an escaped half of a character has no bytes in UTF-8. */
  private String text(String text) throws IOException {
    if (!utf8.canEncode(text)) {
      throw invalid("half a surrogate pair is not a character");
    }
    return text;
  }

  private <T> List<T> each(Part<T> part) throws IOException {
    expect(JsonToken.START_ARRAY, "a list");
    List<T> all = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (all.size() == MAX_ELEMENTS) {
        throw invalid("more than " + MAX_ELEMENTS + " elements");
      }
      all.add(part.read());
    }
    return all;
  }

  /** Reads an object, and returns the names of its properties. */
  private Set<String> object(Set<String> known, Property property) throws IOException {
    expect(JsonToken.START_OBJECT, "an object");
    Set<String> found = new HashSet<>();
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String name = json.currentName();
      if (!known.contains(name)) {
        throw invalid("no such name");
      }
      if (!found.add(name)) {
        throw invalid("a second time");
      }
      json.nextToken();
      property.read(name);
    }
    return found;
  }

  private void require(Set<String> found, String name) {
    if (!found.contains(name)) {
      throw invalid(name + " is missing");
    }
  }

  private void expect(JsonToken token, String what) {
    if (json.currentToken() != token) {
      throw invalid("expected " + what);
    }
  }

  private void stored(Optional<String> complaint) {
    if (complaint.isPresent()) {
      throw invalid(complaint.get());
    }
  }

  private IllegalArgumentException invalid(String why) {
    String pointer = json.getParsingContext().pathAsPointer().toString();
    return new IllegalArgumentException(
        place(json.currentLocation()) + (pointer.isEmpty() ? "" : ", " + pointer) + ": " + why);
  }

  private static String place(JsonLocation at) {
    return "line " + at.getLineNr() + ", column " + at.getColumnNr();
  }
}
