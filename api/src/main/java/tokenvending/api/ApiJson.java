package tokenvending.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads request bodies and writes answers. */
final class ApiJson {
  private final JsonFactory factory =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(2).build())
          .build();

  /** Something that writes members into an object. */
  interface Members {
    void writeTo(JsonGenerator json) throws IOException;
  }

  Body object(Members members) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
    try (JsonGenerator json = factory.createGenerator(out)) {
      json.writeStartObject();
      members.writeTo(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    return Body.of(out.toByteArray());
  }

  /**
   * Reads a flat object of strings. A member of {@code numbers} may be a whole number too, one of
   * {@code lists} a non-empty list of strings, which gives one field for each entry. Anything else
   * gives nothing.
   */
  Optional<List<Field>> fields(byte[] body, Set<String> numbers, Set<String> lists) {
    List<Field> fields = new ArrayList<>();
    try (JsonParser json = factory.createParser(body)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return Optional.empty();
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        if (value == JsonToken.VALUE_STRING
            || (value == JsonToken.VALUE_NUMBER_INT && numbers.contains(name))) {
          fields.add(new Field(name, json.getText()));
        } else if (value != JsonToken.START_ARRAY
            || !lists.contains(name)
            || !readList(json, name, fields)) {
          return Optional.empty();
        }
      }
      boolean ended = json.currentToken() == JsonToken.END_OBJECT && json.nextToken() == null;
      return ended ? Optional.of(List.copyOf(fields)) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static boolean readList(JsonParser json, String name, List<Field> fields)
      throws IOException {
    int before = fields.size();
    while (json.nextToken() == JsonToken.VALUE_STRING) {
      fields.add(new Field(name, json.getText()));
    }
    return json.currentToken() == JsonToken.END_ARRAY && fields.size() > before;
  }
}
