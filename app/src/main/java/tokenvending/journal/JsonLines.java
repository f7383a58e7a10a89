package tokenvending.journal;

import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import tokenvending.audit.AuditEvent;
import tokenvending.text.JsonObject;

/**
 * Writes an event as one {@link JsonObject} and a newline, in UTF-8. What is absent is left out.
 */
final class JsonLines {
  private static final DateTimeFormatter MILLISECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private JsonLines() {}

  static byte[] encode(AuditEvent event) {
    JsonObject json =
        new JsonObject(512)
            .text("time", MILLISECONDS.format(event.time()))
            .text("requestId", event.requestId())
            .text("address", event.address())
            .text("issuer", event.caller().flatMap(AuditEvent.Caller::issuer))
            .text("subject", event.caller().flatMap(AuditEvent.Caller::subject))
            .text("rule", event.rule());
    if (!event.permissions().isEmpty()) {
      json.texts("permissions", event.permissions());
    }
    if (event.expiresAt().isPresent()) {
      json.number("expiresAt", event.expiresAt().get().getEpochSecond());
    }
    json.text("tokenId", event.tokenId()).text("tokenSha256", event.tokenSha256());
    if (event.reused()) {
      json.flag("reused", true);
    }
    return json.text("outcome", event.outcome()).text("reason", event.reason()).line();
  }
}
