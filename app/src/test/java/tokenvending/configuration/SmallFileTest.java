package tokenvending.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SmallFileTest {
  @TempDir private Path folder;

  @Test
  void of_a_large_file_only_the_begin_is_read() throws IOException {
    Path file = folder.resolve("large");
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(3L << 30);
    }
    assertThat(SmallFile.read(file)).hasSize(SmallFile.LARGEST + 1);
    assertThat(SmallFile.read(Path.of("/dev/zero"))).hasSize(SmallFile.LARGEST + 1);
  }

  @Test
  void nobody_waits_for_the_writer_of_a_pipe() throws IOException, InterruptedException {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    assertThatThrownBy(() -> SmallFile.read(pipe)).isInstanceOf(SmallFile.Pipe.class);
  }

  @Test
  void a_caller_who_is_gone_is_no_fault_of_the_file() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "content");
    Thread.currentThread().interrupt();
    try {
      assertThat(SmallFile.read(file)).asString().isEqualTo("content");
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void a_file_that_is_not_there_is_told_as_such() {
    assertThatThrownBy(() -> SmallFile.read(folder.resolve("none")))
        .isInstanceOf(NoSuchFileException.class);
  }
}
