package tokenvending.auditlog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tokenvending.testing.Await;

class StreamAuditSinkTest {
  /** Remembers every call; takes what it is told to take. */
  private static final class Calls extends OutputStream {
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private volatile boolean broken;

    @Override
    public void write(int b) throws IOException {
      throw new IOException("one byte at a time");
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      if (broken) {
        throw new IOException("broken");
      }
      calls.add(new String(bytes, from, length, UTF_8));
    }

    @Override
    public void flush() {
      calls.add("flush");
    }
  }

  private static String line(String requestId) {
    return new String(Events.JSON.encode(Events.refused(requestId)), UTF_8);
  }

  @Test
  void line_is_one_write_and_a_flush() {
    Calls calls = new Calls();
    try (AuditWriter sink = AuditWriter.toStream(calls, Optional.empty(), System::nanoTime)) {
      assertThat(sink.record(Events.refused("r-1"))).isTrue();
      assertThat(calls.calls).containsExactly(line("r-1"), "flush");
    }
  }

  @Test
  void stream_that_fails_did_not_record_and_the_next_line_stands_alone() throws Exception {
    Calls calls = new Calls();
    calls.broken = true;
    try (AuditWriter sink = AuditWriter.toStream(calls, Optional.empty(), System::nanoTime)) {
      assertThat(sink.record(Events.refused("r-1"))).isFalse();
      calls.broken = false;
      Await.until("it can be written again", () -> sink.problem().isEmpty());
      assertThat(sink.record(Events.refused("r-2"))).isTrue();
    }
    String notRecorded = new String(Events.JSON.encode(Events.refused("r-1").notRecorded()), UTF_8);
    assertThat(String.join("", calls.calls).replace("flush", ""))
        .isEqualTo("\n" + notRecorded + line("r-2"));
  }

  @Test
  void lines_of_which_a_full_disk_took_a_part_are_completed() throws Exception {
    for (int room = 0; room < line("r-1").length() + line("r-2").length(); room += 31) {
      Disk disk = new Disk(room);
      boolean first;
      boolean second;
      try (AuditWriter sink =
          new AuditWriter(
              new StreamTarget(disk), Events.JSON, System::nanoTime, Duration.ofMillis(100))) {
        first = sink.record(Events.refused("r-1"));
        second = sink.record(Events.refused("r-2"));
        disk.room.set(Integer.MAX_VALUE);
        Await.until("it can be written again", () -> sink.problem().isEmpty());
        assertThat(sink.record(Events.refused("r-3"))).isTrue();
      }
      List<String> ids = new ArrayList<>();
      List<String> outcomes = new ArrayList<>();
      for (String one : disk.written.toString(UTF_8).lines().toList()) {
        ids.add(JsonLinesTest.read(one).get("requestId"));
        outcomes.add(JsonLinesTest.read(one).get("reason"));
      }
      assertThat(first).isEqualTo(room >= line("r-1").length());
      assertThat(second).isFalse();
      assertThat(ids).contains("r-1", "r-2").endsWith("r-3");
      assertThat(outcomes.get(ids.lastIndexOf("r-1"))).isEqualTo(first ? "EXPIRED" : "NOT_AUDITED");
      assertThat(outcomes.get(ids.lastIndexOf("r-2"))).isEqualTo("NOT_AUDITED");
    }
  }

  /** Takes so many bytes and no more, in small pieces. */
  private static final class Disk implements WritableByteChannel {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final AtomicInteger room;

    Disk(int room) {
      this.room = new AtomicInteger(room);
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      int length = Math.min(Math.min(room.get(), 50), bytes.remaining());
      if (length == 0) {
        throw new IOException("No space left on device");
      }
      byte[] piece = new byte[length];
      bytes.get(piece);
      written.write(piece);
      room.addAndGet(-length);
      return length;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }
}
