package tokenvending.auditlog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;
import tokenvending.testing.Await;

/** A target that hangs or fails stops the vending of tokens, and nothing else. */
@Tag("T15")
@Tag("T16")
@Timeout(60)
final class AuditWriterTest {
  private static final Duration WAIT = Duration.ofMillis(100);

  private final Target target = new Target();
  private final AuditWriter writer = new AuditWriter(target, Events.JSON, System::nanoTime, WAIT);

  /** Hangs or fails as the test says. */
  private static final class Target implements AuditTarget {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final Semaphore gate = new Semaphore(0);
    private final AtomicInteger writes = new AtomicInteger();
    private volatile boolean hangs;
    private volatile boolean fails;

    @Override
    public String name() {
      return "the target";
    }

    @Override
    public void write(ByteBuffer lines) throws IOException {
      writes.incrementAndGet();
      if (fails) {
        throw new IOException("broken");
      }
      if (hangs) {
        gate.acquireUninterruptibly();
      }
      byte[] bytes = new byte[lines.remaining()];
      lines.get(bytes);
      written.writeBytes(bytes);
    }

    void goOn() {
      hangs = false;
      gate.release();
    }

    @Override
    public void close() {}

    List<Map<String, String>> lines() throws IOException {
      List<Map<String, String>> lines = new ArrayList<>();
      for (String line : written.toString(UTF_8).lines().toList()) {
        lines.add(JsonLinesTest.read(line));
      }
      return lines;
    }

    /** What the last line of each request says. */
    Map<String, String> outcomes() throws IOException {
      Map<String, String> outcomes = new HashMap<>();
      lines().forEach(line -> outcomes.put(line.get("requestId"), line.get("outcome")));
      return outcomes;
    }
  }

  @Test
  void caller_waits_no_longer_than_the_bound_and_then_no_caller_waits() throws Exception {
    target.hangs = true;
    long begin = System.nanoTime();
    assertThat(writer.record(Events.vended("r-1", "ann"))).isFalse();
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(WAIT);
    assertThat(writer.problem().orElseThrow())
        .isEqualTo("the audit log cannot be written: the target: no line was accepted for 100 ms");

    begin = System.nanoTime();
    for (int i = 0; i < 1000; i++) {
      assertThat(writer.record(Events.vended("later-" + i, "ann"))).isFalse();
    }
    // A thousand waits would take 100 s.
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(50));

    target.goOn();
    Await.until("it can be written again", () -> writer.problem().isEmpty());
    assertThat(writer.record(Events.vended("r-2", "ann"))).isTrue();
    writer.close();
    assertThat(target.lines().getFirst()).containsEntry("outcome", "vended");
    assertThat(target.outcomes())
        .hasSize(1002)
        .containsEntry("r-1", "temporarily-unavailable")
        .containsEntry("later-999", "temporarily-unavailable")
        .containsEntry("r-2", "vended");
  }

  @Test
  void line_that_was_given_up_before_it_was_begun_is_never_written() throws Exception {
    target.hangs = true;
    writer.submit(Events.refused("first"));
    Await.until("it is written to", () -> target.writes.get() == 1);
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Boolean> one = callers.submit(() -> writer.record(Events.vended("r-1", "ann")));
      assertThat(one.get()).isFalse();
    }
    target.goOn();
    writer.close();
    assertThat(target.lines()).hasSize(2);
    assertThat(target.outcomes()).containsEntry("r-1", "temporarily-unavailable");
  }

  @Test
  void submitting_never_waits_and_what_has_no_room_is_counted() throws Exception {
    target.hangs = true;
    writer.submit(Events.refused("first"));
    Await.until("it is written to", () -> target.writes.get() == 1);
    long begin = System.nanoTime();
    for (int i = 0; i < AuditWriter.CAPACITY + 50; i++) {
      writer.submit(Events.refused("r-" + i));
    }
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(50));
    target.goOn();
    writer.close();
    List<Map<String, String>> lines = target.lines();
    assertThat(lines).hasSize(1 + AuditWriter.CAPACITY + 1);
    assertThat(lines.stream().filter(line -> "left-out".equals(line.get("outcome"))).toList())
        .singleElement()
        .satisfies(line -> assertThat(line).containsEntry("reason", "50"));
  }

  @Test
  void failure_is_logged_once_and_its_end_once_and_costs_few_tries() throws Exception {
    Logger log = (Logger) LoggerFactory.getLogger(TargetHealth.class);
    ListAppender<ILoggingEvent> logged = new ListAppender<>();
    logged.start();
    Level before = log.getLevel();
    log.setLevel(Level.INFO);
    log.addAppender(logged);
    try {
      target.fails = true;
      for (int i = 0; i < 500; i++) {
        assertThat(writer.record(Events.vended("r-" + i, "ann"))).isFalse();
      }
      assertThat(target.writes.get()).isBetween(1, 250);
      target.fails = false;
      Await.until("it can be written again", () -> writer.problem().isEmpty());
      assertThat(writer.record(Events.vended("good", "ann"))).isTrue();
    } finally {
      log.detachAppender(logged);
      log.setLevel(before);
      writer.close();
    }
    assertThat(logged.list.stream().map(ILoggingEvent::getMessage))
        .containsExactly(
            "the audit log cannot be written, so no token is vended",
            "the audit log can be written again");
    assertThat(target.lines()).hasSize(501);
    assertThat(target.lines()).filteredOn("outcome", "vended").hasSize(1);
  }

  @Test
  void burst_is_written_whole_in_few_writes() throws Exception {
    AuditWriter patient =
        new AuditWriter(target, Events.JSON, System::nanoTime, Duration.ofSeconds(20));
    int callers = 3 * AuditWriter.CAPACITY;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> recorded = new ArrayList<>();
      for (int i = 0; i < callers; i++) {
        String id = "r-" + i;
        recorded.add(threads.submit(() -> patient.record(Events.vended(id, "ann"))));
      }
      for (Future<Boolean> one : recorded) {
        assertThat(one.get()).isTrue();
      }
    }
    patient.close();
    assertThat(target.outcomes()).hasSize(callers).doesNotContainValue("temporarily-unavailable");
  }

  @Test
  void closing_is_bounded_though_the_target_hangs() {
    target.hangs = true;
    assertThat(writer.record(Events.vended("r-1", "ann"))).isFalse();
    writer.close();
    assertThat(writer.record(Events.vended("r-2", "ann"))).isFalse();
    target.goOn();
  }

  @Test
  void closing_writes_what_is_queued() throws Exception {
    for (int i = 0; i < 1000; i++) {
      writer.submit(Events.refused("r-" + i));
    }
    writer.close();
    assertThat(target.lines()).hasSize(1000);
    writer.close();
  }
}
