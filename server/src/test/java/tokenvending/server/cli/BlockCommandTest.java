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
