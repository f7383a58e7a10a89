package tokenvending.auditlog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.audit.AuditEvent;

final class AuditLogReaderTest {
  private static final AuditQuery ALL =
      new AuditQuery(
          Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  private final List<AuditEntry> entries = new ArrayList<>();
  private final AuditLogReader reader = new AuditLogReader(entries::add);

  private static String line(AuditEvent event) {
    return new String(Events.JSON.encode(event), UTF_8);
  }

  private void read(String log) throws IOException {
    reader.read(new ByteArrayInputStream(log.getBytes(UTF_8)));
  }

  @Test
  void event_reads_as_it_was_written() throws IOException {
    read(line(Events.vended("r-1", "a\nb \u202e \ud83d\ude80")));
    AuditEntry entry = entries.getFirst();
    assertThat(entry.time()).isEqualTo(Instant.ofEpochMilli(1_800_000_000_007L));
    assertThat(entry.requestId()).isEqualTo("r-1");
    assertThat(entry.outcome()).isEqualTo("vended");
    assertThat(entry.text("subject")).contains("a\nb \u202e \ud83d\ude80");
    assertThat(entry.texts("permissions"))
        .containsExactly("SubscribeOnly cache=chat topic=room-1", "ReadOnly cache=\"a b\"");
    assertThat(entry.expiresAt()).contains(Instant.ofEpochSecond(1_800_003_600L));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"time\":\"2027-01-15T08:00:00.007Z\",\"requestId\":\"r",
        "{\"time\":\"2027-01-15T08:00:00.007Z\",\"requestId\":\"r\"}",
        "{\"time\":\"yesterday\",\"requestId\":\"r\",\"outcome\":\"vended\"}",
        "{\"time\":\"2027-01-15T08:00:00.007Z\",\"requestId\":\"r\",\"outcome\":\"vended\",\"expiresAt\":\"soon\"}",
        "{\"time\":\"2027-01-15T08:00:00.007Z\",\"requestId\":\"r\",\"requestId\":\"s\",\"outcome\":\"x\"}",
        "{\"time\":\"2027-01-15T08:00:00.007Z\",\"requestId\":[\"r\",\"s\"],\"outcome\":\"x\"}",
        "{\"time\":\"2027-01-15T08:00:00.007Z\",\"requestId\":\"r\",\"outcome\":\"x\"}{\"a\":1}",
        "{\"_aws\":{\"Timestamp\":1}}",
        "[]",
        "null",
        "7",
        "ready: http://127.0.0.1:8080",
        "\u0000\u0000\u0000",
      })
  void line_that_is_no_whole_event_is_skipped_and_counted(String torn) throws IOException {
    read(line(Events.refused("r-1")) + torn + "\n" + line(Events.refused("r-2")));
    assertThat(entries).extracting(AuditEntry::requestId).containsExactly("r-1", "r-2");
    assertThat(reader.events()).isEqualTo(2);
    assertThat(reader.skipped()).isEqualTo(1);
  }

  @Test
  void every_beginning_of_a_line_is_skipped_at_the_end_of_a_log() throws IOException {
    byte[] whole = Events.JSON.encode(Events.vended("r-1", "\u00e9"));
    for (int length = 1; length < whole.length - 1; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      assertThat(AuditLogReader.parse(part)).isEmpty();
    }
    assertThat(AuditLogReader.parse(Arrays.copyOf(whole, whole.length - 1))).isPresent();
  }

  @Test
  void very_long_line_is_skipped_and_empty_lines_are_not_counted() throws IOException {
    read("x".repeat(3_000_000) + "\n\n \r\n" + line(Events.refused("r-1")) + "\n");
    assertThat(entries).hasSize(1);
    assertThat(reader.skipped()).isEqualTo(1);
  }

  @Test
  void compressed_log_is_read_like_any_other() throws IOException {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
      gzip.write(Events.JSON.encode(Events.refused("r-1")));
    }
    reader.read(new ByteArrayInputStream(compressed.toByteArray()));
    assertThat(entries).hasSize(1);
  }

  @Test
  void values_of_claims_are_named() throws IOException {
    read(
        line(Events.refused("r-1"))
            .replace("\"outcome\"", "\"claimValues\":{\"tenant\":[\"a\",\"b\"]},\"outcome\""));
    assertThat(entries.getFirst().texts("claimValues")).containsExactly("tenant=a", "tenant=b");
  }

  @Test
  void token_is_live_until_it_ends_and_not_where_its_caller_got_nothing() throws IOException {
    Instant end = Instant.ofEpochSecond(1_800_003_600L);
    for (String log :
        List.of(
            line(Events.vended("r-1", "ann")) + line(Events.vended("r-2", "ben").notRecorded()),
            line(Events.vended("r-2", "ben").notRecorded()) + line(Events.vended("r-1", "ann")))) {
      entries.clear();
      read(log + line(Events.vended("r-2", "ben")));
      assertThat(live(ALL, end.minusSeconds(1)))
          .extracting(AuditEntry::requestId)
          .containsExactly("r-1");
      assertThat(live(ALL, end)).isEmpty();
    }
  }

  @Test
  void query_selects_by_each_of_its_parts() throws IOException {
    read(line(Events.vended("r-1", "ann")) + line(Events.refused("r-2")));
    Optional<String> any = Optional.empty();
    Optional<String> issuer = Optional.of("https://issuer.example.com/");
    assertThat(selected(ALL)).isEqualTo(2);
    assertThat(selected(new AuditQuery(Optional.of("r-2"), any, any, any, any))).isEqualTo(1);
    assertThat(selected(new AuditQuery(Optional.of("r"), any, any, any, any))).isZero();
    assertThat(selected(new AuditQuery(any, Optional.of("ann"), issuer, any, any))).isEqualTo(1);
    assertThat(selected(new AuditQuery(any, Optional.of("ben"), issuer, any, any))).isZero();
    assertThat(selected(new AuditQuery(any, any, any, Optional.of("everyone"), any))).isEqualTo(1);
    assertThat(selected(new AuditQuery(any, any, any, any, Optional.of("cache=chat"))))
        .isEqualTo(1);
  }

  private long selected(AuditQuery query) {
    return entries.stream().filter(query::selects).count();
  }

  private List<AuditEntry> live(AuditQuery query, Instant now) {
    LiveTokens tokens = new LiveTokens(query, now);
    entries.forEach(tokens::take);
    return tokens.all();
  }
}
