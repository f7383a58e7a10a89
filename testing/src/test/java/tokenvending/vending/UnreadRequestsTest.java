package tokenvending.vending;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tokenvending.audit.AuditEvent;
import tokenvending.audit.UnreadRequests;
import tokenvending.testing.Attempts;
import tokenvending.testing.ListAuditSink;

/** What strangers cause at no cost is on record, and does not fill the disk. */
@Tag("T15")
final class UnreadRequestsTest {
  private final ListAuditSink sink = new ListAuditSink();
  private final AtomicLong nanos = new AtomicLong(-5);
  private final UnreadRequests unread = new UnreadRequests(sink, nanos::get);

  @Test
  void each_is_one_line_that_says_what_and_why_and_whence() {
    refuse(1);
    AuditEvent event = sink.onlyEvent();
    assertThat(event.requestId()).isEqualTo(Attempts.REQUEST_ID);
    assertThat(event.address()).isEqualTo("192.0.2.1");
    assertThat(event.outcome()).isEqualTo("not-found");
    assertThat(event.reason()).contains("NOT_FOUND");
  }

  @Test
  void flood_is_a_hundred_lines_and_ten_a_second_and_a_number_for_the_rest() {
    for (int second = 0; second < 60; second++) {
      refuse(10_000);
      nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    }
    long single = sink.events().stream().filter(event -> !isNumber(event)).count();
    assertThat(single).isBetween(100L + 59 * 10, 100L + 60 * 10);
    assertThat(sink.events()).hasSizeLessThan(2 * 710);

    refuse(1);
    assertThat(leftOut() + sink.events().stream().filter(event -> !isNumber(event)).count())
        .as("nobody is missing")
        .isEqualTo(600_001);
  }

  @Test
  void those_whose_line_was_lost_are_counted_too() {
    sink.fail();
    refuse(3);
    sink.recover();
    refuse(1);
    assertThat(leftOut()).isEqualTo(3);
    assertThat(sink.events()).hasSize(2);
  }

  private void refuse(int times) {
    for (int i = 0; i < times; i++) {
      unread.refused(Attempts.at(Instant.EPOCH), "not-found", "NOT_FOUND");
    }
  }

  private static boolean isNumber(AuditEvent event) {
    return event.outcome().equals("left-out");
  }

  private long leftOut() {
    List<AuditEvent> numbers = sink.events().stream().filter(UnreadRequestsTest::isNumber).toList();
    return numbers.stream().mapToLong(event -> Long.parseLong(event.reason().orElseThrow())).sum();
  }
}
