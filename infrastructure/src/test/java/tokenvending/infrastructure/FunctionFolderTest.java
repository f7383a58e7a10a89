package tokenvending.infrastructure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FunctionFolderTest {
  @TempDir Path work;

  private Path built = Path.of("");
  private Path staging = Path.of("");

  @BeforeEach
  void build() throws IOException {
    built = Files.createDirectories(work.resolve("function"));
    staging = work.resolve("staging");
    Files.createDirectories(built.resolve("lib"));
    Files.writeString(built.resolve("lib/a.jar"), "a");
    Files.writeString(built.resolve("start"), "#!/bin/sh");
  }

  private Path stage(String file) {
    return FunctionFolder.stage(built, file.getBytes(UTF_8), staging);
  }

  @Test
  void file_lies_beside_the_code() throws IOException {
    Path whole = stage("authentication: …");

    assertThat(whole.resolve("tvm.yaml")).content(UTF_8).isEqualTo("authentication: …");
    assertThat(whole.resolve("lib/a.jar")).content(UTF_8).isEqualTo("a");
  }

  @Test
  void same_content_is_the_same_folder_whenever_it_was_built() throws IOException {
    Path first = stage("x");
    Files.setLastModifiedTime(built.resolve("lib/a.jar"), FileTime.from(Instant.EPOCH));

    assertThat(stage("x")).isEqualTo(first);
    assertThat(stage("y")).isNotEqualTo(first);
    Files.writeString(built.resolve("lib/a.jar"), "b");
    assertThat(stage("x")).isNotEqualTo(first);
    try (Stream<Path> left = Files.list(staging)) {
      assertThat(left).hasSize(3).noneMatch(path -> path.getFileName().toString().startsWith("."));
    }
  }

  @Test
  void whoever_runs_it_can_read_it_however_private_the_builder_is() throws IOException {
    Files.setPosixFilePermissions(
        built.resolve("lib/a.jar"), PosixFilePermissions.fromString("rw-------"));
    Files.setPosixFilePermissions(
        built.resolve("start"), PosixFilePermissions.fromString("rwx------"));
    Path whole = stage("x");

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(whole)))
        .isEqualTo("rwxr-xr-x");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(whole.resolve("lib/a.jar"))))
        .isEqualTo("rw-r--r--");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(whole.resolve("start"))))
        .isEqualTo("rwxr-xr-x");
  }

  @Test
  void missing_build_is_told_with_the_command_for_it() {
    assertThatThrownBy(() -> FunctionFolder.stage(work.resolve("nowhere"), new byte[0], staging))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("./tvm build aws");
  }
}
