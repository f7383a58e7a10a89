package tokenvending.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StreamAuditSinkTest {
  /** Remembers every call; takes what it is told to take. */
  private static final class Calls extends OutputStream {
    private final List<String> calls = new ArrayList<>();
    private boolean broken;
    private boolean stuck;

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
    public void flush() throws IOException {
      if (stuck) {
        throw new IOException("stuck");
      }
      calls.add("flush");
    }
  }

  @Test
  void line_is_one_write_and_a_flush() {
    Calls calls = new Calls();
    StreamAuditSink sink = new StreamAuditSink(calls);
    assertThat(sink.record(Events.refused("r-1"))).isTrue();
    assertThat(calls.calls)
        .containsExactly(new String(JsonLines.encode(Events.refused("r-1")), UTF_8), "flush");
  }

  @Test
  void stream_that_fails_did_not_record_and_the_next_line_stands_alone() {
    Calls calls = new Calls();
    StreamAuditSink sink = new StreamAuditSink(calls);
    calls.broken = true;
    assertThat(sink.record(Events.refused("r-1"))).isFalse();
    calls.broken = false;
    calls.stuck = true;
    assertThat(sink.record(Events.refused("r-2"))).isFalse();
    calls.stuck = false;
    calls.calls.clear();
    assertThat(sink.record(Events.refused("r-3"))).isTrue();
    assertThat(sink.record(Events.refused("r-4"))).isTrue();
    assertThat(calls.calls)
        .containsExactly(
            "\n" + new String(JsonLines.encode(Events.refused("r-3")), UTF_8),
            "flush",
            new String(JsonLines.encode(Events.refused("r-4")), UTF_8),
            "flush");
  }
}
