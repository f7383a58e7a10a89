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
 * Reads audit logs, line by line, also those that gzip compressed. What is no whole audit event is
 * skipped and counted: a torn line, or what else a process writes to its standard output.
 */
public final class AuditLogReader {
  /** In bytes; a longer line is skipped. */
  private static final int LONGEST_LINE = 1024 * 1024;

  private final Consumer<AuditEntry> each;
  private long events;
  private long skipped;

  /** Reads for a consumer. */
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

  /** How many events there were. */
  public long events() {
    return events;
  }

  /** How many lines held something else. */
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

  /** An event; absent where the line is none, or not whole. */
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

  /** Members of an object become {@code NAME=VALUE}. */
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
