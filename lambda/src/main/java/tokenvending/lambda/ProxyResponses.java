package tokenvending.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tokenvending.api.ApiResponse;
import tokenvending.api.Field;

/** Writes answers as a proxy integration wants them. All bodies here are text. */
final class ProxyResponses {
  private final JsonFactory factory = new JsonFactory();

  void write(ApiResponse answer, OutputStream output) throws IOException {
    try (JsonGenerator json = factory.createGenerator(output)) {
      json.writeStartObject();
      json.writeNumberField("statusCode", answer.status());
      json.writeObjectFieldStart("multiValueHeaders");
      for (Map.Entry<String, List<String>> header : byName(answer.headers()).entrySet()) {
        json.writeArrayFieldStart(header.getKey());
        for (String value : header.getValue()) {
          json.writeString(value);
        }
        json.writeEndArray();
      }
      json.writeEndObject();
      json.writeStringField("body", new String(answer.body().bytes(), UTF_8));
      json.writeBooleanField("isBase64Encoded", false);
      json.writeEndObject();
    }
  }

  private static Map<String, List<String>> byName(List<Field> headers) {
    Map<String, List<String>> byName = new LinkedHashMap<>();
    for (Field header : headers) {
      byName.computeIfAbsent(header.name(), name -> new ArrayList<>()).add(header.value());
    }
    return byName;
  }
}
