package tokenvending.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("T25")
final class BlockCommandTest {
  private static final String RULES =
      """
      authentication: [ { open: {} } ]
      rules:
        - id: all
          permissions: [ { role: ReadOnly, cache: c, item: all } ]
      """;

  @TempDir private Path folder;

  private String policy(String more) throws IOException {
    return Files.writeString(folder.resolve("tvm.yaml"), RULES + more).toString();
  }

  @Test
  void a_block_is_listed_until_it_is_lifted() throws IOException {
    String file = policy("blocks: file:blocks.json\n");
    Files.writeString(
        Path.of(file),
        Files.readString(Path.of(file))
            .replace(
                "[ { open: {} } ]",
                "[ { oidc: { issuer: 'https://a.example.com/', audience: chat } } ]"));
    CommandRun block =
        CommandRun.line(
            "block",
            "ann",
            "--issuer",
            "https://a.example.com/",
            "--until",
            "12h",
            "--reason",
            "ticket 7",
            "--config",
            file);
    assertThat(block.code()).as(block.err()).isZero();
    assertThat(CommandRun.line("block", "bob", "--config", file).code()).isZero();
    assertThat(CommandRun.line("blocks", "--config", file).out())
        .contains("ann of https://a.example.com/, until ", ": ticket 7", "bob", "2 blocks");

    assertThat(CommandRun.line("unblock", "ann", "--config", file).code()).isEqualTo(1);
    assertThat(
            CommandRun.line(
                    "unblock", "ann", "--issuer", "https://a.example.com/", "--config", file)
                .code())
        .isZero();
    assertThat(CommandRun.line("unblock", "bob", "--config", file).code()).isZero();
    assertThat(CommandRun.line("blocks", "--config", file).out()).isEqualTo("0 blocks\n");
  }

  @Test
  void a_policy_without_a_list_is_an_error_because_no_instance_would_notice() throws IOException {
    CommandRun run = CommandRun.line("block", "ann", "--config", policy(""));
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("write blocks: state");
    CommandRun memory = CommandRun.line("block", "ann", "--config", policy("blocks: state\n"));
    assertThat(memory.code()).isEqualTo(2);
    assertThat(memory.err()).contains("--table");
  }

  @ParameterizedTest
  @CsvSource({
    "--issuer, https://b.example.com/",
    "--until, yesterday",
    "--until, 2020-01-01T00:00:00Z",
    "--reason, 'a\u202eb'"
  })
  void an_unclear_option_blocks_no_caller(String option, String value) throws IOException {
    String file = policy("blocks: file:blocks.json\n");
    assertThat(CommandRun.line("block", "ann", option, value, "--config", file).code())
        .isEqualTo(2);
    assertThat(folder.resolve("blocks.json")).doesNotExist();
  }

  @Test
  void an_entry_under_deny_is_explained_and_decides_about_policy_cases() throws IOException {
    String file =
        policy("deny: [ { claims: { iss: 'https://a.example.com/' }, note: ticket 7 } ]\n")
            .replace("tvm.yaml", "denied.yaml");
    Files.writeString(
        Path.of(file),
        Files.readString(folder.resolve("tvm.yaml"))
            .replace(
                "[ { open: {} } ]",
                "[ { oidc: { issuer: 'https://a.example.com/', audience: chat } } ]"));
    CommandRun explained = CommandRun.line("explain", file, "--as", "sub=ann");
    assertThat(explained.code()).isEqualTo(1);
    assertThat(explained.out())
        .startsWith("denied: an entry under deny matches the caller (ticket 7)");
    Path cases =
        Files.writeString(
            folder.resolve("cases.yaml"),
            "cases: [ { name: ann, as: { sub: ann }, refused: denied } ]\n");
    CommandRun checked = CommandRun.line("check", file, "--cases", cases.toString());
    assertThat(checked.code()).as(checked.out() + checked.err()).isZero();
  }

  @Test
  void an_end_is_shown_in_whole_seconds() throws IOException {
    String file = policy("blocks: file:blocks.json\n");
    assertThat(CommandRun.line("block", "ann", "--until", "90m", "--config", file).out())
        .matches("blocked: ann, until [0-9-]+T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\n");
  }

  @Test
  void a_rule_that_is_being_edited_does_not_prevent_a_block() throws IOException {
    String file = policy("blocks: file:blocks.json\ncolour: blue\n");
    assertThat(CommandRun.line("check", file).code()).isEqualTo(2);
    assertThat(CommandRun.line("block", "ann", "--config", file).code()).isZero();
    assertThat(CommandRun.line("blocks", "--config", file).out()).contains("ann");

    CommandRun wrong = CommandRun.line("block", "bob", "--config", policy("blocks: nowhere\n"));
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.err()).contains("expected state, or file:PATH");
  }

  @Test
  void explain_reads_the_list_and_takes_an_address() throws IOException {
    String file =
        policy(
            """
            blocks: file:blocks.json
            deny: [ { addresses: 203.0.113.0/24, note: ticket 8 } ]
            """);
    Files.writeString(
        Path.of(file),
        Files.readString(Path.of(file))
            .replace(
                "[ { open: {} } ]",
                "[ { oidc: { issuer: 'https://a.example.com/', audience: chat } } ]"));
    assertThat(CommandRun.line("explain", file, "--as", "sub=ann").code()).isZero();
    CommandRun there =
        CommandRun.line("explain", file, "--as", "sub=ann", "--address", "203.0.113.7");
    assertThat(there.code()).isEqualTo(1);
    assertThat(there.out()).contains("ticket 8");
    assertThat(
            CommandRun.line("explain", file, "--as", "sub=ann", "--address", "198.51.100.7").code())
        .isZero();
    assertThat(CommandRun.line("explain", file, "--address", "example.com").code()).isEqualTo(2);

    CommandRun block = CommandRun.line("block", "ann", "--reason", "ticket 9", "--config", file);
    assertThat(block.code()).isZero();
    CommandRun blocked = CommandRun.line("explain", file, "--as", "sub=ann");
    assertThat(blocked.code()).isEqualTo(1);
    assertThat(blocked.out()).contains("an operator blocked the caller").contains("ticket 9");
    assertThat(CommandRun.line("explain", file, "--as", "sub=bob").code()).isZero();

    Files.writeString(folder.resolve("blocks.json"), "broken");
    CommandRun unknown = CommandRun.line("explain", file, "--as", "sub=ann");
    assertThat(unknown.code()).isZero();
    assertThat(unknown.err()).contains("the list of blocked callers was not read");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "blocks: state | there is no store for the list",
        "blocks: file:missing/blocks.json | missing does not exist",
        "blocks: file:. | is a directory"
      })
  void check_reports_a_list_that_cannot_be_there(String blocks, String message) throws IOException {
    CommandRun run = CommandRun.line("check", policy(blocks + "\n"));
    assertThat(run.code()).as(run.out()).isEqualTo(2);
    assertThat(run.err()).contains(message);
  }

  @Test
  void check_leaves_the_list_of_a_stack_on_aws_to_the_stack() throws IOException {
    assertThat(CommandRun.line("check", policy("blocks: state\naws: { front: http }\n")).code())
        .isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ issuer: 'https://b.example.com/' } | deny[0].issuer",
        "{ subject: ann } | no subject",
        "{ groups: staff } | no subject",
        "{ claims: { iss: x } } | only callers with a JWT",
        "{ addresses: 203.0.113.7, until: '2020-01-01T00:00:00Z' } | deny[0].until"
      })
  void check_warns_of_an_entry_that_denies_no_caller(String entry, String message)
      throws IOException {
    CommandRun run = CommandRun.line("check", policy("deny: [ " + entry + " ]\n"));
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains(message);
    assertThat(CommandRun.line("check", policy("deny: [ { addresses: 203.0.113.7 } ]\n")).err())
        .doesNotContain("deny");
  }

  @Test
  void a_list_that_cannot_be_read_is_reported_and_kept() throws IOException {
    Files.writeString(folder.resolve("blocks.json"), "broken");
    String file = policy("blocks: file:blocks.json\n");
    for (String command : new String[] {"block", "unblock"}) {
      assertThat(CommandRun.line(command, "ann", "--config", file).code()).isEqualTo(1);
    }
    assertThat(CommandRun.line("blocks", "--config", file).code()).isEqualTo(1);
    assertThat(folder.resolve("blocks.json")).hasContent("broken");
  }
}
