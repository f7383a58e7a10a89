package tokenvending.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.configuration.SecretReader.Reading;

final class SecretReaderTest {
  private static final SecretReader READER =
      new SecretReader(Map.of("KEY", " the-key\n", "EMPTY", " "));

  @TempDir private Path folder;

  private static String value(SecretReference reference) {
    return switch (READER.read(reference)) {
      case Reading.Value(var secret) -> secret.reveal();
      case Reading.Missing missing -> "missing";
      case Reading.Unreadable unreadable -> "unreadable";
    };
  }

  @Test
  void a_variable_is_read_without_the_white_space_around_it() {
    assertThat(value(new SecretReference.Environment("KEY"))).isEqualTo("the-key");
  }

  @Test
  void a_variable_that_is_unset_or_empty_is_missing() {
    assertThat(READER.read(new SecretReference.Environment("OTHER")))
        .isEqualTo(new Reading.Missing("the environment variable OTHER is not set"));
    assertThat(value(new SecretReference.Environment("EMPTY"))).isEqualTo("missing");
  }

  @Test
  void a_file_is_read_anew_each_time() throws IOException {
    Path file = folder.resolve("key");
    SecretReference reference = new SecretReference.File(file);
    assertThat(value(reference)).isEqualTo("unreadable");

    Files.writeString(file, "one\n");
    assertThat(value(reference)).isEqualTo("one");

    Files.writeString(file, "two\r\n");
    assertThat(value(reference)).isEqualTo("two");
  }

  @Test
  void a_file_that_holds_no_credential_is_unreadable() throws IOException {
    Path file = folder.resolve("key");
    Files.writeString(file, "\n");
    assertThat(value(new SecretReference.File(file))).isEqualTo("unreadable");
    assertThat(value(new SecretReference.File(folder))).isEqualTo("unreadable");

    Files.writeString(file, "x".repeat(64 * 1024));
    assertThat(value(new SecretReference.File(file))).hasSize(64 * 1024);
    Files.writeString(file, "x".repeat(64 * 1024 + 1));
    assertThat(value(new SecretReference.File(file))).isEqualTo("unreadable");
  }

  @Test
  void an_aws_secret_says_that_it_cannot_be_read_here() {
    assertThat(READER.read(new SecretReference.AwsSecret("tvm/key")))
        .isEqualTo(
            new Reading.Unreadable(
                "the AWS secret tvm/key cannot be read by this program; use env: or file:"));
  }
}
