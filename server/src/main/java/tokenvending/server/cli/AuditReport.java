package tokenvending.server.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import tokenvending.audit.AuditEvent;
import tokenvending.auditlog.AuditEntry;
import tokenvending.auditlog.AuditLogReader;

/** Prints the results of {@code audit}. */
final class AuditReport {
  private final PrintWriter out;
  private final Instant now;

  AuditReport(PrintWriter out, Instant now) {
    this.out = out;
    this.now = now;
  }

  /** Prints one line for each event. */
  void lines(List<AuditEntry> entries) {
    for (AuditEntry entry : entries) {
      out.println(
          "%s  %s  %s%s  request %s"
              .formatted(
                  printable(entry.text("time").orElse("")),
                  printable(outcome(entry)),
                  caller(entry),
                  entry.text("rule").map(rule -> "  rule " + printable(rule)).orElse(""),
                  printable(entry.requestId())));
    }
    out.println(DisplayFormat.count(entries.size(), "event"));
  }

  private static String outcome(AuditEntry entry) {
    return entry.outcome() + entry.text("reason").map(reason -> " " + reason).orElse("");
  }

  /** Prints all details of each event, and the meaning of its reason. */
  void requests(List<AuditEntry> entries) {
    if (entries.isEmpty()) {
      out.println("no such request in these logs");
    }
    for (AuditEntry entry : entries) {
      boolean vended = entry.outcome().equals(AuditEvent.VENDED);
      out.println(
          "request %s: %s"
              .formatted(
                  printable(entry.requestId()), vended ? "vended" : "rejected, " + why(entry)));
      for (Map.Entry<String, List<String>> member : entry.members().entrySet()) {
        if (member.getKey().equals("requestId")) {
          continue;
        }
        String name = member.getKey();
        for (String value : member.getValue()) {
          row(name, name.equals("expiresAt") ? until(entry) : value);
          name = "";
        }
      }
    }
  }

  private static String why(AuditEntry entry) {
    Optional<String> reason = entry.text("reason");
    return reason
        .map(word -> AuditReasons.sentence(entry.outcome(), word))
        .orElse(printable(entry.outcome()));
  }

  private void row(String name, String value) {
    out.printf("  %-14s %s%n", printable(name), printable(value));
  }

  /** Prints the holders of tokens, and when their tokens expire. */
  void tokens(List<AuditEntry> entries) {
    for (AuditEntry entry : entries) {
      out.println(caller(entry) + ": until " + until(entry));
      entry.text("rule").ifPresent(rule -> row("rule", rule));
      entry.texts("permissions").forEach(text -> row("permission", text));
      entry.text("tokenId").ifPresent(id -> row("token id", id));
      entry.text("tokenSha256").ifPresent(hash -> row("token SHA-256", hash));
      row("vended", entry.text("time").orElse("") + " to " + entry.text("address").orElse("?"));
      row("request", entry.requestId());
    }
    out.println(
        entries.isEmpty()
            ? "no live token"
            : DisplayFormat.count(entries.size(), "live token")
                + ", the last expires at "
                + entries.getFirst().expiresAt().orElse(now));
  }

  private String until(AuditEntry entry) {
    Optional<Instant> end = entry.expiresAt();
    return end.map(
            at -> {
              Duration left = Duration.between(now, at);
              return at + (left.isNegative() ? " (over)" : " (in " + DisplayFormat.of(left) + ")");
            })
        .orElse("");
  }

  private static String caller(AuditEntry entry) {
    return entry
        .text("subject")
        .map(
            subject ->
                printable(subject)
                    + entry.text("issuer").map(issuer -> " of " + printable(issuer)).orElse(""))
        .orElse("(anonymous)");
  }

  /** Prints one JSON document: the events as in the log, and the counts of lines. */
  void json(List<AuditEntry> entries, AuditLogReader reader) {
    String events = entries.stream().map(AuditEntry::line).collect(Collectors.joining(","));
    out.println(
        "{\"events\":[%s],\"eventsRead\":%d,\"linesSkipped\":%d}"
            .formatted(events, reader.events(), reader.skipped()));
  }

  /** Replaces characters that control a terminal. */
  static String printable(String value) {
    return value.replaceAll("\\p{C}|[\\x{2028}\\x{2029}]", "\uFFFD");
  }
}
