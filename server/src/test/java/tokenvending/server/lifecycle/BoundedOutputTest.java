package tokenvending.server.lifecycle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Standard error that is not read holds no thread for long. */
@Tag("T16")
@Timeout(60)
final class BoundedOutputTest {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final Semaphore gate = new Semaphore(0);
  private volatile boolean hanging;

  private final BoundedOutput output =
      new BoundedOutput(
          new OutputStream() {
            @Override
            public void write(int b) {
              written.write(b);
            }

            @Override
            public void write(byte[] bytes, int from, int length) {
              if (hanging) {
                gate.acquireUninterruptibly();
              }
              written.write(bytes, from, length);
            }
          },
          Duration.ofMillis(100));

  private void say(String line) throws IOException {
    output.write(line.getBytes(UTF_8));
  }

  @Test
  void what_is_written_is_there_when_the_call_returns() throws IOException {
    for (int i = 0; i < 100; i++) {
      say("x");
      assertThat(written.size()).isEqualTo(i + 1);
    }
  }

  @Test
  void one_caller_waits_and_the_rest_is_dropped_until_it_is_read_again() throws Exception {
    hanging = true;
    say("first\n");
    long begin = System.nanoTime();
    for (int i = 0; i < 1000; i++) {
      say("dropped\n");
    }
    // A thousand waits would take 100 s.
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(50));
    hanging = false;
    gate.release();
    String last = "";
    while (!last.endsWith("again\n")) {
      say("again\n");
      last = written.toString(UTF_8);
    }
    assertThat(last)
        .startsWith("first\n")
        .contains(" log lines were dropped, because standard error was not read\n")
        .doesNotContain("\ndropped");
  }

  @Test
  void an_interrupt_is_kept_and_the_line_is_written() throws Exception {
    Thread.currentThread().interrupt();
    say("one\n");
    assertThat(Thread.interrupted()).isTrue();
    say("two\n");
    assertThat(written.toString(UTF_8)).isEqualTo("one\ntwo\n");
  }
}
