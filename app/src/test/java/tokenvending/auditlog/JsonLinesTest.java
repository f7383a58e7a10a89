package tokenvending.auditlog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.audit.AuditEvent;

/** T15: nobody forges a line, or makes one read as what it is not. */
class JsonLinesTest {
  @Test
  void vended_token_has_all_fields() {
    assertThat(line(Events.vended("r-1", "Taylor")))
        .isEqualTo(
            "{\"time\":\"2027-01-15T08:00:00.007Z\",\"requestId\":\"r-1\","
                + "\"traceId\":\"4bf92f3577b34da6a3ce929d0e0e4736\",\"address\":\"192.0.2.1\","
                + "\"issuer\":\"https://issuer.example.com/\",\"subject\":\"Taylor\",\"rule\":\"everyone\",\"permissions\":[\"SubscribeOnly"
                + " cache=chat topic=room-1\",\"ReadOnly cache=\\\"a"
                + " b\\\"\"],\"expiresAt\":1800003600,\"tokenId\":\"Taylor\",\"tokenSha256\":\"00ff\",\"outcome\":\"vended\"}\n");
  }

  @Test
  void time_is_written_as_the_jdk_would() {
    DateTimeFormatter jdk =
        DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    Random random = new Random(3339);
    for (int i = 0; i < 100_000; i++) {
      // From 1970 to 9999.
      Instant at =
          Instant.ofEpochSecond(random.nextLong(253_402_300_800L), random.nextInt(1_000_000_000));
      assertThat(JsonLines.time(at)).isEqualTo(jdk.format(at));
    }
  }

  @Test
  void what_is_absent_is_left_out() {
    assertThat(line(Events.refused("r-2")))
        .isEqualTo(
            "{\"time\":\"2027-01-15T08:00:00.000Z\",\"requestId\":\"r-2\","
                + "\"address\":\"2001:db8::1\",\"outcome\":\"unauthenticated\","
                + "\"reason\":\"EXPIRED\"}\n");
  }

  @Test
  void anonymous_caller_has_neither_issuer_nor_subject() {
    AuditEvent named = Events.vended("r", "s");
    AuditEvent anonymous =
        new AuditEvent(
            named.time(),
            named.requestId(),
            named.traceId(),
            named.address(),
            Optional.of(new AuditEvent.Caller(Optional.empty(), Optional.empty())),
            named.rule(),
            named.permissions(),
            named.expiresAt(),
            named.tokenId(),
            named.tokenSha256(),
            named.outcome(),
            named.reason(),
            named.reused(),
            false,
            AuditEvent.Basis.none());
    assertThat(line(anonymous)).doesNotContain("issuer").doesNotContain("subject");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a\r\nb",
        "a\n{\"outcome\":\"vended\"}",
        "\",\"outcome\":\"vended",
        "\\",
        "\\\"",
        "a\u2028b\u2029c",
        "\u202eevil\u202c",
        "\u2066x\u2069\u200e\u200f\u061c",
        "\u0000\u0007\u001b[31m\u007f\u0085\u009b",
        "\ufeff\u200b\u00ad",
        "\ud83d\ude80 \u4e16 \u00e9",
        "\udb40\udc41\ud834\udd73",
        "</script>",
      })
  void hostile_value_stays_one_visible_line_and_reads_back_as_it_was(String hostile)
      throws IOException {
    String line = line(Events.vended(hostile, hostile));
    assertThat(line.indexOf('\n')).isEqualTo(line.length() - 1);
    assertThat(line.substring(0, line.length() - 1).codePoints())
        .noneMatch(
            point ->
                switch (Character.getType(point)) {
                  case Character.CONTROL,
                      Character.FORMAT,
                      Character.SURROGATE,
                      Character.LINE_SEPARATOR,
                      Character.PARAGRAPH_SEPARATOR ->
                      true;
                  default -> false;
                });
    Map<String, String> read = read(line);
    assertThat(read).containsEntry("subject", hostile).containsEntry("requestId", hostile);
    assertThat(read).containsEntry("tokenId", hostile).containsEntry("outcome", "vended");
  }

  @Test
  void every_character_of_the_basic_plane_reads_back() throws IOException {
    StringBuilder all = new StringBuilder();
    for (char c = 0; c < Character.MAX_VALUE; c++) {
      if (!Character.isSurrogate(c)) {
        all.append(c);
      }
    }
    String line = line(Events.vended("r", all.toString()));
    assertThat(line.indexOf('\n')).isEqualTo(line.length() - 1);
    assertThat(read(line)).containsEntry("subject", all.toString());
  }

  @Test
  void half_a_character_is_replaced() throws IOException {
    assertThat(read(line(Events.vended("r", "a\ud83db\ude80c"))))
        .containsEntry("subject", "a\ufffdb\ufffdc");
  }

  static Map<String, String> read(String line) throws IOException {
    Map<String, String> fields = new HashMap<>();
    try (JsonParser parser = new JsonFactory().createParser(line)) {
      assertThat(parser.nextToken()).isEqualTo(JsonToken.START_OBJECT);
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        if (parser.nextToken().isStructStart()) {
          parser.skipChildren();
        } else {
          assertThat(fields.put(name, parser.getText())).isNull();
        }
      }
      assertThat(parser.currentToken()).isEqualTo(JsonToken.END_OBJECT);
      assertThat(parser.nextToken()).isNull();
    }
    return fields;
  }

  private static String line(AuditEvent event) {
    return new String(Events.JSON.encode(event), UTF_8);
  }
}
