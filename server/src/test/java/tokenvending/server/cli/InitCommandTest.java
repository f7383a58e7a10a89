package tokenvending.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.authentication.Argon2Hash;
import tokenvending.server.lifecycle.ExitCode;

/** The files to start from. */
@DisplayNameGeneration(ReplaceUnderscores.class)
final class InitCommandTest {
  @TempDir private Path folder;

  private static String found(String text, String regex) {
    Matcher found = Pattern.compile(regex).matcher(text);
    assertThat(found.find()).as("%s in %s", regex, text).isTrue();
    return found.group(1);
  }

  @Test
  void the_written_policy_has_no_errors_and_grants_what_its_comments_say() {
    assertThat(CommandRun.line("init", folder.toString()).code()).isZero();

    CommandRun check = CommandRun.line("check", folder.resolve("tvm.yaml").toString());
    assertThat(check.code()).as(check.err()).isZero();
    assertThat(check.err()).isEmpty();
    CommandRun explain =
        CommandRun.line(
            "explain", folder.resolve("tvm.yaml").toString(), "--as", "sub=ann,groups=moderators");
    assertThat(explain.code()).as(explain.err()).isZero();
    assertThat(explain.out()).contains("moderators", "room-");
  }

  @Test
  void each_run_prints_another_password_and_writes_only_its_hash() throws IOException {
    CommandRun run = CommandRun.line("init", folder.toString());
    String password = found(run.out(), "password (\\S{20})\\R");
    String users = Files.readString(folder.resolve("users.yaml"));

    assertThat(users).doesNotContain(password);
    assertThat(Argon2Hash.parse(found(users, "hash: (\\S+)"))).isInstanceOf(Argon2Hash.Valid.class);
    Path other = Files.createDirectory(folder.resolve("other"));
    assertThat(CommandRun.line("init", other.toString()).out()).doesNotContain(password);
  }

  @Test
  void a_folder_that_does_not_exist_is_an_error() {
    CommandRun run = CommandRun.line("init", folder.resolve("absent").toString());
    assertThat(run.code()).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(run.err()).contains("create it first");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void no_file_is_overwritten_and_none_is_written_beside_an_existing_one() throws IOException {
    for (String name : new String[] {"tvm.yaml", "users.yaml"}) {
      Path existing = Files.writeString(folder.resolve(name), "mine");
      CommandRun run = CommandRun.line("init", folder.toString());

      assertThat(run.code()).isEqualTo(ExitCode.WRONG_INPUT);
      assertThat(run.err()).contains(name + " exists", "nothing was overwritten");
      assertThat(existing).hasContent("mine");
      try (var files = Files.list(folder)) {
        assertThat(files).containsExactly(existing);
      }
      Files.delete(existing);
    }
  }
}
