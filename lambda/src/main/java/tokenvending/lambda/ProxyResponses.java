package tokenvending.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tokenvending.api.ApiResponse;
import tokenvending.api.Field;
import tokenvending.configuration.AwsOptions.Front;
import tokenvending.text.JsonObject;

/** Encodes responses for a proxy integration. All bodies are text. */
final class ProxyResponses {
  private ProxyResponses() {}

  static void write(ApiResponse answer, Front front, OutputStream output) throws IOException {
    JsonObject response =
        new JsonObject(answer.body().length() + 1024).number("statusCode", answer.status());
    Map<String, List<String>> headers = byName(answer.headers());
    switch (front) {
      case REST -> response.texts("multiValueHeaders", headers);
      case HTTP, URL -> {
        // Payload format 2.0 has one text for each header (RFC 9110 §5.3).
        JsonObject joined = new JsonObject();
        headers.forEach((name, values) -> joined.text(name, String.join(", ", values)));
        response.object("headers", joined);
      }
    }
    output.write(
        response
            .text("body", new String(answer.body().bytes(), UTF_8))
            .flag("isBase64Encoded", false)
            .utf8());
  }

  private static Map<String, List<String>> byName(List<Field> headers) {
    Map<String, List<String>> byName = new LinkedHashMap<>();
    for (Field header : headers) {
      byName.computeIfAbsent(header.name(), name -> new ArrayList<>()).add(header.value());
    }
    return byName;
  }
}
