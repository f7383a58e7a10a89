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
import tokenvending.text.JsonObject;

/** Encodes responses for a proxy integration. All bodies are text. */
final class ProxyResponses {
  private ProxyResponses() {}

  static void write(ApiResponse answer, OutputStream output) throws IOException {
    output.write(
        new JsonObject(answer.body().length() + 1024)
            .number("statusCode", answer.status())
            .texts("multiValueHeaders", byName(answer.headers()))
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
