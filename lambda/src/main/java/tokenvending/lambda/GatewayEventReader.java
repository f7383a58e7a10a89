package tokenvending.lambda;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import tokenvending.api.Field;

/**
 * Reads events of the REST API's two shapes, and refuses the others that look like them: HTTP APIs
 * and function URLs carry a {@code version}, load balancers no {@code apiId}.
 */
final class GatewayEventReader {
  private static final String REFUSAL =
      "This function answers events of an API Gateway REST API: a proxy integration or a request"
          + " authorizer.";

  private static final Pattern MILLIS = Pattern.compile("[0-9]{1,15}");

  private final JsonFactory factory =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /** One event. Not reusable, since it collects. */
  private static final class Draft {
    private final Map<String, String> texts = new HashMap<>();
    private final Map<String, String> context = new HashMap<>();
    private final Map<String, List<String>> headers = new HashMap<>();
    private final Map<String, List<String>> singleHeaders = new HashMap<>();
    private final Map<String, List<String>> query = new LinkedHashMap<>();
    private final Map<String, List<String>> singleQuery = new LinkedHashMap<>();
    private String proxyPath = "";
    private String sourceIp = "";
    private boolean isBase64Encoded;
  }

  /**
   * Reads a whole event.
   *
   * @throws NotOurEvent when it has another shape, or is no JSON
   */
  GatewayEvent read(InputStream event) throws IOException {
    try (JsonParser parser = factory.createParser(event)) {
      Draft draft = new Draft();
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new UnsupportedEvent(REFUSAL);
      }
      readEvent(parser, draft);
      return checked(draft);
    } catch (JsonParseException e) {
      // Its message quotes the event.
      throw new UnsupportedEvent(REFUSAL);
    }
  }

  private static GatewayEvent checked(Draft draft) {
    boolean complete =
        !draft.texts.containsKey("version")
            && draft.texts.containsKey("httpMethod")
            && draft.texts.containsKey("resource")
            && draft.context.containsKey("apiId")
            && draft.context.containsKey("stage")
            && !draft.sourceIp.isEmpty();
    if (!complete) {
      throw new UnsupportedEvent(REFUSAL);
    }
    return new GatewayEvent(
        draft.texts.getOrDefault("type", ""),
        draft.texts.getOrDefault("methodArn", ""),
        draft.texts.getOrDefault("httpMethod", ""),
        draft.texts.getOrDefault("resource", ""),
        draft.proxyPath,
        draft.headers.isEmpty() ? draft.singleHeaders : draft.headers,
        fields(draft.query.isEmpty() ? draft.singleQuery : draft.query),
        draft.texts.getOrDefault("body", ""),
        draft.isBase64Encoded,
        draft.context.getOrDefault("apiId", ""),
        draft.context.getOrDefault("stage", ""),
        at(draft.context.getOrDefault("requestTimeEpoch", "")),
        draft.sourceIp);
  }

  private static Optional<Instant> at(String millis) {
    return MILLIS.matcher(millis).matches()
        ? Optional.of(Instant.ofEpochMilli(Long.parseLong(millis)))
        : Optional.empty();
  }

  private static List<Field> fields(Map<String, List<String>> query) {
    List<Field> fields = new ArrayList<>();
    query.forEach((name, values) -> values.forEach(value -> fields.add(new Field(name, value))));
    return fields;
  }

  private static void readEvent(JsonParser parser, Draft draft) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (name) {
        case "multiValueHeaders" -> readMany(parser, draft.headers, true);
        case "headers" -> readMany(parser, draft.singleHeaders, true);
        case "multiValueQueryStringParameters" -> readMany(parser, draft.query, false);
        case "queryStringParameters" -> readMany(parser, draft.singleQuery, false);
        case "pathParameters" -> {
          Map<String, String> parameters = new HashMap<>();
          readScalars(parser, parameters);
          draft.proxyPath = parameters.getOrDefault("proxy", "");
        }
        case "requestContext" -> readContext(parser, draft);
        case "isBase64Encoded" -> draft.isBase64Encoded = value == JsonToken.VALUE_TRUE;
        default -> {
          if (value.isScalarValue() && value != JsonToken.VALUE_NULL) {
            draft.texts.put(name, parser.getText());
          } else {
            parser.skipChildren();
          }
        }
      }
    }
  }

  private static void readContext(JsonParser parser, Draft draft) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      return;
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (name) {
        case "identity" -> {
          Map<String, String> identity = new HashMap<>();
          readScalars(parser, identity);
          draft.sourceIp = identity.getOrDefault("sourceIp", "");
        }
        default -> {
          if (value.isScalarValue() && value != JsonToken.VALUE_NULL) {
            draft.context.put(name, parser.getText());
          } else {
            parser.skipChildren();
          }
        }
      }
    }
  }

  private static void readScalars(JsonParser parser, Map<String, String> into) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (value.isScalarValue() && value != JsonToken.VALUE_NULL) {
        into.put(name, parser.getText());
      } else {
        parser.skipChildren();
      }
    }
  }

  /** An object of texts, or of lists of texts. */
  private static void readMany(JsonParser parser, Map<String, List<String>> into, boolean isHeaders)
      throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String written = parser.currentName();
      String name = isHeaders ? written.toLowerCase(Locale.ROOT) : written;
      List<String> values = into.computeIfAbsent(name, unseen -> new ArrayList<>());
      if (parser.nextToken() == JsonToken.START_ARRAY) {
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          take(parser, values);
        }
      } else {
        take(parser, values);
      }
    }
  }

  private static void take(JsonParser parser, List<String> values) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    if (!parser.currentToken().isScalarValue()) {
      throw new UnsupportedEvent(REFUSAL);
    }
    values.add(parser.getText());
  }
}
