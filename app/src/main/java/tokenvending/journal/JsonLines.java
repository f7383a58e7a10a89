package tokenvending.journal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import tokenvending.audit.AuditEvent;

/**
 * One event as one line of JSON. Pure ASCII: what a reader sees is what is there, whatever a caller
 * is called.
 */
final class JsonLines {
  private final JsonFactory json =
      JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  byte[] line(AuditEvent event) {
    ByteArrayOutputStream line = new ByteArrayOutputStream(512);
    try (JsonGenerator out = json.createGenerator(line)) {
      out.writeStartObject();
      out.writeStringField("time", event.time().toString());
      out.writeStringField("requestId", event.requestId());
      out.writeStringField("outcome", event.outcome());
      put(out, "reason", event.reason());
      out.writeStringField("address", event.address());
      put(out, "issuer", event.caller().flatMap(AuditEvent.Caller::issuer));
      put(out, "subject", event.caller().flatMap(AuditEvent.Caller::subject));
      put(out, "rule", event.rule());
      if (!event.permissions().isEmpty()) {
        out.writeArrayFieldStart("permissions");
        for (String permission : event.permissions()) {
          out.writeString(permission);
        }
        out.writeEndArray();
      }
      if (event.expiresAt().isPresent()) {
        out.writeNumberField("expiresAt", event.expiresAt().get().getEpochSecond());
      }
      put(out, "tokenId", event.tokenId());
      put(out, "tokenSha256", event.tokenSha256());
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    line.write('\n');
    return line.toByteArray();
  }

  private static void put(JsonGenerator out, String name, Optional<String> value)
      throws IOException {
    if (value.isPresent()) {
      out.writeStringField(name, value.get());
    }
  }
}
