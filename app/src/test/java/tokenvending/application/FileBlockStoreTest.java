package tokenvending.application;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import tokenvending.state.BlockStore;
import tokenvending.testing.BlockStoreContract;

final class FileBlockStoreTest extends BlockStoreContract {
  @TempDir private Path folder;

  @Override
  protected BlockStore blocks() {
    return new FileBlockStore(folder.resolve("blocks.json"));
  }

  @Test
  @Tag("T25")
  void another_process_sees_what_was_written_and_a_restart_keeps_it() {
    assertThat(blocks().put("a", "1")).isTrue();
    assertThat(blocks().put("b", "2")).isTrue();
    assertThat(blocks().read()).isEqualTo(new BlockStore.Reading.Found(Map.of("a", "1", "b", "2")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{\"a\":", "{\"a\":1}"})
  @Tag("T25")
  void a_file_that_is_not_a_list_is_no_empty_list_and_is_not_overwritten(String content)
      throws IOException {
    Path file = folder.resolve("blocks.json");
    Files.writeString(file, content);
    assertThat(blocks().read()).isEqualTo(new BlockStore.Reading.Unavailable());
    assertThat(blocks().put("a", "1")).isFalse();
    assertThat(Files.readString(file)).isEqualTo(content);
  }

  @Test
  void list_that_is_being_written_in_this_process_is_not_written() throws IOException {
    Path lock = folder.resolve("blocks.json.lock");
    try (FileChannel channel =
            FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var held = channel.lock()) {
      assertThat(held.isValid()).isTrue();
      assertThat(blocks().put("a", "1")).isFalse();
    }
    assertThat(blocks().put("a", "1")).isTrue();
  }

  @Test
  @Tag("T25")
  void list_is_as_readable_as_before_and_a_new_one_as_its_folder() throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path file = folder.resolve("blocks.json");
    assertThat(blocks().put("a", "1")).isTrue();
    assertThat(mode(file)).isEqualTo("rw-r--r--");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw----"));
    assertThat(blocks().put("b", "2")).isTrue();
    assertThat(mode(file)).isEqualTo("rw-rw----");
  }

  @Test
  @Tag("T25")
  void unreadable_list_is_logged_once_and_so_is_its_return() throws IOException {
    Logger log = (Logger) LoggerFactory.getLogger(FileBlockStore.class);
    ListAppender<ILoggingEvent> logged = new ListAppender<>();
    logged.start();
    log.addAppender(logged);
    Level before = log.getLevel();
    log.setLevel(Level.INFO);
    try {
      BlockStore blocks = blocks();
      Path file = Files.writeString(folder.resolve("blocks.json"), "broken");
      for (int i = 0; i < 3; i++) {
        assertThat(blocks.read()).isEqualTo(new BlockStore.Reading.Unavailable());
      }
      Files.writeString(file, "{}");
      assertThat(blocks.read()).isEqualTo(new BlockStore.Reading.Found(Map.of()));
    } finally {
      log.detachAppender(logged);
      log.setLevel(before);
    }
    assertThat(logged.list.stream().map(ILoggingEvent::getMessage))
        .containsExactly(
            "the list of blocked callers cannot be read: who is known to be blocked stays blocked,"
                + " and if it was never read no token is vended",
            "the list of blocked callers can be read again");
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }
}
