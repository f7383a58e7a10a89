package tokenvending.auditlog;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import tokenvending.audit.AuditEvent;
import tokenvending.text.JsonObject;

/** Encodes an event as one JSON object and a newline, in UTF-8. Absent members are omitted. */
final class JsonLines {
  private final Optional<String> instance;

  /**
   * Encodes for one process.
   *
   * @param instance its name; absent if it has none
   */
  JsonLines(Optional<String> instance) {
    this.instance = instance;
  }

  byte[] encode(AuditEvent event) {
    AuditEvent.Basis basis = event.basis();
    JsonObject json =
        new JsonObject(512)
            .text("time", time(event.time()))
            .text("instance", instance)
            .text("policyVersion", basis.policyVersion())
            .text("requestId", event.requestId())
            .text("traceId", event.traceId())
            .text("address", event.address())
            .text("issuer", event.caller().flatMap(AuditEvent.Caller::issuer))
            .text("subject", event.caller().flatMap(AuditEvent.Caller::subject))
            .text("rule", event.rule());
    if (!basis.groups().isEmpty()) {
      json.texts("groups", basis.groups());
    }
    if (!basis.claims().isEmpty()) {
      json.texts("claims", basis.claims());
    }
    if (!basis.claimValues().isEmpty()) {
      json.texts("claimValues", basis.claimValues());
    }
    if (!basis.unmatched().isEmpty()) {
      json.texts("unmatched", basis.unmatched());
    }
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
    if (event.exchanged()) {
      json.flag("exchanged", true);
    }
    return json.text("outcome", event.outcome())
        .text("reason", event.reason())
        .text("note", basis.note())
        .line();
  }

  /**
   * Returns the time with milliseconds (RFC 3339). Hand-written, because a formatter takes as long
   * as the rest of a line.
   */
  static String time(Instant at) {
    LocalDateTime utc =
        LocalDateTime.ofEpochSecond(at.getEpochSecond(), at.getNano(), ZoneOffset.UTC);
    StringBuilder out = new StringBuilder(24);
    digits(out, utc.getYear(), 1000, "-");
    digits(out, utc.getMonthValue(), 10, "-");
    digits(out, utc.getDayOfMonth(), 10, "T");
    digits(out, utc.getHour(), 10, ":");
    digits(out, utc.getMinute(), 10, ":");
    digits(out, utc.getSecond(), 10, ".");
    digits(out, at.getNano() / 1_000_000, 100, "Z");
    return out.toString();
  }

  /** Appends a number, padded with zeros to the digits of {@code first}. */
  private static void digits(StringBuilder out, int number, int first, String behind) {
    for (int worth = first; worth > 0; worth /= 10) {
      out.append((char) ('0' + number / worth % 10));
    }
    out.append(behind);
  }
}
