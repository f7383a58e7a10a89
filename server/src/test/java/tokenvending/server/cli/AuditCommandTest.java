package tokenvending.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.server.Vendor;

/** The questions of an operator, answered from audit logs. */
final class AuditCommandTest {
  private final Instant end = Instant.now().plus(Duration.ofMinutes(42));

  @TempDir private Path folder;

  private static String vended(String requestId, String subject, String rule, Instant end) {
    return ("{\"time\":\"2027-01-15T08:00:00.007Z\",\"instance\":\"h:1\",\"requestId\":\"%s\","
            + "\"address\":\"192.0.2.1\",\"issuer\":\"https://i.example/\",\"subject\":\"%s\","
            + "\"rule\":\"%s\",\"permissions\":[\"ReadOnly cache=chat\"],\"expiresAt\":%d,"
            + "\"tokenId\":\"%s\",\"tokenSha256\":\"00ff\",\"outcome\":\"vended\"}\n")
        .formatted(requestId, subject, rule, end.getEpochSecond(), subject);
  }

  private static String refused(String requestId, String outcome, String reason) {
    return ("{\"time\":\"2027-01-15T08:00:00.007Z\",\"requestId\":\"%s\",\"address\":\"192.0.2.1\","
            + "\"unmatched\":[\"members: groups\"],\"outcome\":\"%s\",\"reason\":\"%s\"}\n")
        .formatted(requestId, outcome, reason);
  }

  private String log(String name, String... lines) throws IOException {
    return Files.writeString(folder.resolve(name), String.join("", lines)).toString();
  }

  private static CommandRun audit(String... arguments) {
    return CommandRun.of(new AuditCommand(), arguments);
  }

  @Test
  void it_says_why_a_request_was_refused() throws IOException {
    String file =
        log("audit.jsonl", refused("r-1", "not-permitted", "NO_RULE_MATCHES"), "{\"time\":\"20\n");

    CommandRun run = audit(file, "--request", "r-1");

    assertThat(run.code()).isZero();
    assertThat(run.out())
        .startsWith("request r-1: rejected, no rule of the policy matches the caller")
        .contains("members: groups", "192.0.2.1");
    assertThat(run.err()).isEqualTo("skipped 1 line that are not a complete audit event\n");
  }

  @Test
  void it_says_who_holds_a_live_token_and_until_when_from_several_files() throws IOException {
    String old = log("audit.jsonl.1", vended("r-1", "ann", "members", end.minusSeconds(60)));
    String current =
        log(
            "audit.jsonl",
            vended("r-2", "ann", "members", end),
            vended("r-3", "ann", "members", Instant.EPOCH),
            vended("r-4", "ben", "guests", end),
            vended("r-5", "cid", "guests", end),
            refused("r-5", "temporarily-unavailable", "NOT_AUDITED"));

    CommandRun ann = audit(old, current, "--subject", "ann", "--live");
    assertThat(ann.code()).isZero();
    assertThat(ann.out())
        .contains("ann of https://i.example/: until " + Instant.ofEpochSecond(end.getEpochSecond()))
        .contains("ReadOnly cache=chat", "2 live tokens")
        .doesNotContain("r-3")
        .doesNotContain("ben");
    assertThat(audit(old, current, "--rule", "guests", "--live").out())
        .contains("ben", "1 live token")
        .doesNotContain("cid");
    CommandRun none = audit(old, current, "--subject", "dan", "--live");
    assertThat(none.code()).isEqualTo(1);
    assertThat(none.out()).contains("no live token");
  }

  @Test
  void json_is_one_document_with_the_events_and_the_counts() throws IOException {
    String file = log("audit.jsonl", vended("r-1", "ann", "members", end), "torn\n");

    CommandRun run = audit("--format", "json", "--live", file);

    JsonNode document = new ObjectMapper().readTree(run.out());
    assertThat(document.at("/events/0/subject").asText()).isEqualTo("ann");
    assertThat(document.at("/events/0/expiresAt").asLong()).isEqualTo(end.getEpochSecond());
    assertThat(document.get("eventsRead").asInt()).isEqualTo(1);
    assertThat(document.get("linesSkipped").asInt()).isEqualTo(1);
  }

  @Test
  void standard_input_is_read_and_nothing_in_it_reaches_the_terminal_as_a_command() {
    String line = vended("r-1", "a\\u001b[31mnn\\u202e", "members", end);

    CommandRun run = CommandRun.reading(line, "audit", "-", "--live");

    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("a\ufffd[31mnn\ufffd").doesNotContain("\u001b");
  }

  @Test
  void without_a_file_it_reads_the_one_of_the_policy_and_its_rotated_ones() throws IOException {
    log("tvm.yaml", Vendor.OPEN, "audit: { to: 'file:audit.jsonl' }\n");
    log("audit.jsonl", vended("r-1", "ann", "members", end));
    log("audit.jsonl.1", vended("r-2", "ben", "members", end));
    log("audit.jsonl-20270115", vended("r-3", "cid", "members", end));
    log("audit.json", vended("r-4", "dan", "members", end));

    CommandRun run = audit("--config", folder.resolve("tvm.yaml").toString());

    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("ann", "ben", "cid", "3 events").doesNotContain("dan");
  }

  @Test
  void what_a_torn_archive_and_the_other_files_hold_is_answered_all_the_same() throws IOException {
    ByteArrayOutputStream archive = new ByteArrayOutputStream();
    try (OutputStream compressed = new GZIPOutputStream(archive, true)) {
      compressed.write(vended("r-1", "ann", "members", end).getBytes(UTF_8));
      compressed.flush();
      compressed.write(vended("r-2", "ben", "members", end).getBytes(UTF_8));
    }
    byte[] torn = Arrays.copyOf(archive.toByteArray(), archive.size() - 12);
    Path first = Files.write(folder.resolve("torn.gz"), torn);

    CommandRun run =
        audit(first.toString(), log("audit.jsonl", vended("r-3", "cid", "members", end)));

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).contains("ann", "cid", "2 events").doesNotContain("ben");
    assertThat(run.err()).contains("torn.gz: cannot be read to its end");
  }

  @Test
  void file_that_cannot_be_read_is_2() {
    CommandRun run = audit(folder.resolve("none").toString());

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("none: cannot be read");
  }
}
