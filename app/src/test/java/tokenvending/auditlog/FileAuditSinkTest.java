package tokenvending.auditlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.testing.Await;

/** T15 and I7: what counts as recorded is in the file, whole; what is not does not count. */
@Timeout(60)
class FileAuditSinkTest {
  @TempDir Path folder;

  @Test
  void records_are_appended_to_what_is_there() throws IOException {
    Path file = folder.resolve("audit.jsonl");
    Files.writeString(file, "{\"old\":true}\n");
    try (AuditWriter sink = AuditWriter.toFile(file, Optional.empty(), System::nanoTime)) {
      assertThat(sink.record(Events.refused("r-1"))).isTrue();
      assertThat(ids(file)).containsExactly("old", "r-1");
      assertThat(sink.record(Events.refused("r-2"))).isTrue();
      assertThat(ids(file)).containsExactly("old", "r-1", "r-2");
    }
  }

  @Test
  void new_file_is_its_owners_alone() throws IOException {
    Path file = folder.resolve("audit.jsonl");
    try (AuditWriter sink = AuditWriter.toFile(file, Optional.empty(), System::nanoTime)) {
      sink.record(Events.refused("r-1"));
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"time\":\"20", "{", "{\"time\":\"2027-01-15T08:00:00.007Z\",\"requ"})
  void line_that_a_crash_tore_is_removed(String torn) throws IOException {
    Path file = folder.resolve("audit.jsonl");
    Files.writeString(file, "{\"old\":true}\n" + torn);
    try (AuditWriter sink = AuditWriter.toFile(file, Optional.empty(), System::nanoTime)) {
      sink.record(Events.refused("r-1"));
      sink.record(Events.refused("r-2"));
    }
    assertThat(ids(file)).containsExactly("old", "r-1", "r-2");
  }

  @Test
  void torn_line_is_removed_also_where_it_is_the_only_one_or_very_long() throws IOException {
    Path file = folder.resolve("audit.jsonl");
    for (String whole : List.of("", "{\"old\":true}\n".repeat(3000))) {
      Files.writeString(file, whole + "{\"time\":\"" + "x".repeat(20_000));
      try (AuditWriter sink = AuditWriter.toFile(file, Optional.empty(), System::nanoTime)) {
        sink.record(Events.refused("r-1"));
      }
      assertThat(Files.readString(file)).startsWith(whole + "{\"time\":\"2027");
      assertThat(ids(file)).endsWith("r-1");
    }
  }

  @Test
  void text_that_is_no_line_of_ours_is_kept_on_its_own_line() throws IOException {
    Path file = folder.resolve("audit.jsonl");
    Files.writeString(file, "note to self");
    try (AuditWriter sink = AuditWriter.toFile(file, Optional.empty(), System::nanoTime)) {
      sink.record(Events.refused("r-1"));
    }
    assertThat(Files.readAllLines(file)).hasSize(2).first().isEqualTo("note to self");
    assertThat(JsonLinesTest.read(Files.readAllLines(file).get(1)))
        .containsEntry("requestId", "r-1");
  }

  @Test
  void renamed_file_keeps_its_lines_and_a_new_one_is_begun() throws IOException {
    Path file = folder.resolve("audit.jsonl");
    Path rotated = folder.resolve("audit.jsonl.1");
    try (AuditWriter sink = AuditWriter.toFile(file, Optional.empty(), System::nanoTime)) {
      sink.record(Events.refused("r-1"));
      Files.move(file, rotated);
      sink.record(Events.refused("r-2"));
      assertThat(ids(rotated)).containsExactly("r-1");
      assertThat(ids(file)).containsExactly("r-2");
    }
  }

  @Test
  void removed_or_replaced_file_is_begun_anew() throws IOException {
    Path file = folder.resolve("audit.jsonl");
    try (AuditWriter sink = AuditWriter.toFile(file, Optional.empty(), System::nanoTime)) {
      sink.record(Events.refused("r-1"));
      Files.delete(file);
      sink.record(Events.refused("r-2"));
      assertThat(ids(file)).containsExactly("r-2");
      Path other = folder.resolve("other");
      Files.writeString(other, "");
      Files.move(other, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      sink.record(Events.refused("r-3"));
      assertThat(ids(file)).containsExactly("r-3");
    }
  }

  @Test
  void file_that_is_cut_short_from_outside_gets_no_hole() throws IOException {
    Path file = folder.resolve("audit.jsonl");
    try (AuditWriter sink = AuditWriter.toFile(file, Optional.empty(), System::nanoTime)) {
      sink.record(Events.refused("r-1"));
      Files.writeString(file, "");
      sink.record(Events.refused("r-2"));
      assertThat(ids(file)).containsExactly("r-2");
    }
  }

  @Test
  void full_disk_is_not_recorded_and_recovery_needs_no_operator_and_no_traffic() throws Exception {
    Path file = folder.resolve("audit.jsonl");
    Files.createSymbolicLink(file, Path.of("/dev/full"));
    try (AuditWriter sink = AuditWriter.toFile(file, Optional.empty(), System::nanoTime)) {
      assertThat(sink.problem()).isEmpty();
      assertThat(sink.record(Events.vended("r-1", "ann"))).isFalse();
      assertThat(sink.problem().orElseThrow()).contains(file.toString(), "No space left");
      assertThat(sink.record(Events.refused("r-2"))).isFalse();
      Files.delete(file);
      Await.until("it can be written again", () -> sink.problem().isEmpty());
      assertThat(sink.record(Events.refused("r-3"))).isTrue();
    }
    assertThat(ids(file)).containsExactly("r-1", "r-2", "r-3");
    assertThat(Files.readString(file)).doesNotContain("vended");
    assertThat(Files.readAllLines(file).getFirst())
        .contains("\"outcome\":\"temporarily-unavailable\",\"reason\":\"NOT_AUDITED\"");
  }

  @Test
  void missing_folder_is_not_recorded_until_it_exists() throws Exception {
    Path file = folder.resolve("later").resolve("audit.jsonl");
    try (AuditWriter sink = AuditWriter.toFile(file, Optional.empty(), System::nanoTime)) {
      assertThat(sink.record(Events.refused("r-1"))).isFalse();
      Files.createDirectory(folder.resolve("later"));
      Await.until("it can be written again", () -> sink.problem().isEmpty());
      assertThat(sink.record(Events.refused("r-2"))).isTrue();
      assertThat(ids(file)).containsExactly("r-1", "r-2");
    }
  }

  @Test
  void pipe_without_a_reader_is_not_recorded_until_a_reader_comes() throws Exception {
    Path pipe = folder.resolve("audit.pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    try (AuditWriter sink =
        new AuditWriter(
            new FileTarget(pipe), Events.JSON, System::nanoTime, Duration.ofMillis(200))) {
      assertThat(sink.record(Events.vended("r-1", "ann"))).isFalse();
      assertThat(sink.problem()).isPresent();
      try (BufferedReader reader = Files.newBufferedReader(pipe)) {
        assertThat(reader.readLine()).contains("r-1", "vended");
        assertThat(reader.readLine()).contains("r-1", "NOT_AUDITED");
        Await.until("it can be written again", () -> sink.problem().isEmpty());
        assertThat(sink.record(Events.vended("r-2", "ann"))).isTrue();
      }
    }
  }

  @Test
  void folder_in_the_files_place_is_not_recorded() throws IOException {
    Path file = Files.createDirectory(folder.resolve("audit.jsonl"));
    try (AuditWriter sink = AuditWriter.toFile(file, Optional.empty(), System::nanoTime)) {
      assertThat(sink.record(Events.refused("r-1"))).isFalse();
    }
  }

  @Test
  void interrupted_caller_is_recorded_like_any_other() throws IOException {
    Path file = folder.resolve("audit.jsonl");
    try (AuditWriter sink = AuditWriter.toFile(file, Optional.empty(), System::nanoTime)) {
      for (String id : List.of("r-1", "r-2", "r-3")) {
        Thread.currentThread().interrupt();
        boolean recorded = sink.record(Events.refused(id));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(recorded).isTrue();
      }
      assertThat(ids(file)).containsExactly("r-1", "r-2", "r-3");
    }
  }

  @Test
  void closed_sink_records_nothing() throws IOException {
    Path file = folder.resolve("audit.jsonl");
    AuditWriter sink = AuditWriter.toFile(file, Optional.empty(), System::nanoTime);
    sink.record(Events.refused("r-1"));
    sink.close();
    assertThat(sink.record(Events.refused("r-2"))).isFalse();
    assertThat(ids(file)).containsExactly("r-1");
  }

  @Test
  void no_line_is_lost_or_torn_while_the_file_is_renamed_under_four_writers() throws Exception {
    Path file = folder.resolve("audit.jsonl");
    AtomicInteger running = new AtomicInteger(4);
    Set<String> expected = new HashSet<>();
    List<Callable<Integer>> tasks = new ArrayList<>();
    try (AuditWriter sink = AuditWriter.toFile(file, Optional.empty(), System::nanoTime);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int writer = 0; writer < 4; writer++) {
        String prefix = "w" + writer + "-";
        for (int i = 0; i < 2000; i++) {
          expected.add(prefix + i);
        }
        tasks.add(
            () -> {
              int recorded = 0;
              for (int i = 0; i < 2000; i++) {
                if (sink.record(Events.vended(prefix + i, "x".repeat(i % 700)))) {
                  recorded++;
                }
              }
              running.decrementAndGet();
              return recorded;
            });
      }
      tasks.add(
          () -> {
            int renamed = 0;
            while (running.get() > 0) {
              if (Files.exists(file) && Files.size(file) > 8192) {
                Files.move(file, folder.resolve("audit.jsonl." + renamed++));
              }
            }
            return renamed;
          });
      List<Future<Integer>> done = threads.invokeAll(tasks);
      for (int writer = 0; writer < 4; writer++) {
        assertThat(done.get(writer).get()).isEqualTo(2000);
      }
      assertThat(done.get(4).get()).isGreaterThan(10);
    }
    List<String> found = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path each : files.toList()) {
        found.addAll(ids(each));
      }
    }
    assertThat(found).hasSize(8000);
    assertThat(new HashSet<>(found)).isEqualTo(expected);
  }

  /** The request id of every line; fails on a line that is no JSON. */
  private static List<String> ids(Path file) throws IOException {
    List<String> ids = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      ids.add(JsonLinesTest.read(line).getOrDefault("requestId", "old"));
    }
    return ids;
  }
}
