package tokenvending.auditlog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import tokenvending.text.Json;

/**
 * Reads audit logs line by line, with gzip compression as well. Lines that are not a complete audit
 * event are skipped and counted: an incomplete line, or other output of a process.
 */
public final class AuditLogReader {
  /** The longest line that is read, in bytes; longer ones are skipped. */
  private static final int LONGEST_LINE = 1024 * 1024;

  private final Consumer<AuditEntry> each;
  private long events;
  private long skipped;

  /** Passes each event to a consumer. */
  public AuditLogReader(Consumer<AuditEntry> each) {
    this.each = each;
  }

  /** Reads a log to its end. */
  public void read(InputStream log) throws IOException {
    InputStream plain = uncompressed(new BufferedInputStream(log));
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    boolean tooLong = false;
    byte[] block = new byte[64 * 1024];
    for (int length = plain.read(block); length >= 0; length = plain.read(block)) {
      int begin = 0;
      for (int i = 0; i < length; i++) {
        if (block[i] == '\n') {
          line.write(block, begin, i - begin);
          take(line.toByteArray(), tooLong);
          line.reset();
          tooLong = false;
          begin = i + 1;
        }
      }
      line.write(block, begin, length - begin);
      if (line.size() > LONGEST_LINE) {
        line.reset();
        tooLong = true;
      }
    }
    take(line.toByteArray(), tooLong);
  }

  /** Returns the number of events. */
  public long events() {
    return events;
  }

  /** Returns the number of skipped lines. */
  public long skipped() {
    return skipped;
  }

  private static InputStream uncompressed(BufferedInputStream log) throws IOException {
    log.mark(2);
    boolean compressed = log.read() == 0x1f && log.read() == 0x8b;
    log.reset();
    return compressed ? new GZIPInputStream(log) : log;
  }

  private void take(byte[] line, boolean tooLong) {
    if (!tooLong && new String(line, UTF_8).isBlank()) {
      return;
    }
    Optional<AuditEntry> entry = tooLong ? Optional.empty() : parse(line);
    if (entry.isPresent()) {
      events++;
      each.accept(entry.get());
    } else {
      skipped++;
    }
  }

  /** Parses an event; empty if the line is not a complete one. */
  static Optional<AuditEntry> parse(byte[] line) {
    Optional<Json.Members> json = Json.object(line);
    if (json.isEmpty()) {
      return Optional.empty();
    }
    Map<String, List<String>> members = new LinkedHashMap<>();
    json.get().values().forEach((name, value) -> members.put(name, values(value)));
    String text = new String(line, UTF_8).strip();
    try {
      return isWhole(text, members) ? Optional.of(new AuditEntry(text, members)) : Optional.empty();
    } catch (NumberFormatException | DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /** Returns a member's values; members of an object become {@code NAME=VALUE}. */
  private static List<String> values(Json json) {
    List<String> values = new ArrayList<>();
    switch (json) {
      case Json.Items(List<Json> items) -> items.forEach(item -> values.addAll(values(item)));
      case Json.Members object ->
          object
              .values()
              .forEach(
                  (name, value) -> values(value).forEach(text -> values.add(name + "=" + text)));
      case Json.Text _, Json.Numeral _, Json.Bool _, Json.Null _ ->
          json.scalar().ifPresent(values::add);
    }
    return values;
  }

  private static boolean isWhole(String line, Map<String, List<String>> members) {
    for (String name : List.of("time", "requestId", "outcome")) {
      if (members.getOrDefault(name, List.of()).size() != 1) {
        return false;
      }
    }
    AuditEntry entry = new AuditEntry(line, members);
    var _ = Instant.parse(entry.text("time").orElseThrow());
    var _ = entry.expiresAt();
    return true;
  }
}
