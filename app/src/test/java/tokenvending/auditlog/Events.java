package tokenvending.auditlog;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tokenvending.audit.AuditEvent;

final class Events {
  static final JsonLines JSON = new JsonLines(Optional.empty());

  private Events() {}

  static AuditEvent vended(String requestId, String subject) {
    return new AuditEvent(
        Instant.ofEpochMilli(1_800_000_000_007L),
        requestId,
        Optional.of("4bf92f3577b34da6a3ce929d0e0e4736"),
        "192.0.2.1",
        Optional.of(
            new AuditEvent.Caller(
                Optional.of("https://issuer.example.com/"), Optional.of(subject))),
        Optional.of("everyone"),
        List.of("SubscribeOnly cache=chat topic=room-1", "ReadOnly cache=\"a b\""),
        Optional.of(Instant.ofEpochSecond(1_800_003_600L)),
        Optional.of(subject),
        Optional.of("00ff"),
        "vended",
        Optional.empty(),
        false,
        false,
        AuditEvent.Basis.none());
  }

  static AuditEvent refused(String requestId) {
    return new AuditEvent(
        Instant.ofEpochSecond(1_800_000_000L),
        requestId,
        Optional.empty(),
        "2001:db8::1",
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        "unauthenticated",
        Optional.of("EXPIRED"),
        false,
        false,
        AuditEvent.Basis.none());
  }
}
