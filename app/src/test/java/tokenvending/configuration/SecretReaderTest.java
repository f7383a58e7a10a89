package tokenvending.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.configuration.SecretReader.Reading;
import tokenvending.secret.Secret;
import tokenvending.secret.SecretStore.Lookup;

final class SecretReaderTest {
  private static final SecretReader READER =
      new SecretReader(
          Map.of("KEY", " the-key\n", "EMPTY", " "),
          name ->
              name.equals("kept")
                  ? new Lookup.Found(Secret.of("from the store"))
                  : new Lookup.Unreadable("no such secret"));

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
  void an_aws_secret_is_looked_up_in_the_store() {
    assertThat(value(new SecretReference.AwsSecret("kept"))).isEqualTo("from the store");
    assertThat(READER.read(new SecretReference.AwsSecret("other")))
        .isEqualTo(new Reading.Unreadable("no such secret"));
  }
}
