package tokenvending.infrastructure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FunctionZipTest {
  private static final Instant TIME = Instant.parse("2025-06-01T12:00:00Z");

  @TempDir Path work;

  private Path built = Path.of("");

  @BeforeEach
  void build() throws IOException {
    built = work.resolve("built.zip");
    try (FileSystem zip =
        FileSystems.newFileSystem(
            built, Map.of("create", true, "enablePosixFileAttributes", true))) {
      Files.writeString(zip.getPath("/bootstrap"), "#!/bin/sh");
      Files.setPosixFilePermissions(
          zip.getPath("/bootstrap"), PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.setLastModifiedTime(zip.getPath("/bootstrap"), FileTime.from(TIME));
    }
  }

  private Path stage(String file) {
    return FunctionZip.stage(built, file.getBytes(UTF_8), work.resolve("staging"));
  }

  @Test
  void file_is_added_and_what_was_there_keeps_its_time_and_rights() throws IOException {
    try (FileSystem zip =
        FileSystems.newFileSystem(stage("open"), Map.of("enablePosixFileAttributes", true))) {
      assertThat(Files.readString(zip.getPath("/tvm.yaml"))).isEqualTo("open");
      assertThat(rights(zip, "/tvm.yaml")).isEqualTo("rw-r--r--");
      assertThat(Files.readString(zip.getPath("/bootstrap"))).isEqualTo("#!/bin/sh");
      assertThat(rights(zip, "/bootstrap")).isEqualTo("rwxr-xr-x");
      assertThat(Files.getLastModifiedTime(zip.getPath("/bootstrap")).toInstant()).isEqualTo(TIME);
    }
  }

  private static String rights(FileSystem zip, String name) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(zip.getPath(name)));
  }

  @Test
  void name_follows_from_the_content() {
    assertThat(stage("x")).isEqualTo(stage("x")).isNotEqualTo(stage("y"));
  }

  @Test
  void missing_build_is_told_with_the_command_for_it() {
    assertThatThrownBy(
            () -> FunctionZip.stage(work.resolve("none.zip"), new byte[0], work.resolve("s")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("./tvm build aws own");
  }
}
