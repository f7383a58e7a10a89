package tokenvending.vending;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.audit.AuditEvent;
import tokenvending.audit.AuditSink;
import tokenvending.audit.BoundedAuditSink;
import tokenvending.testing.Attempts;
import tokenvending.testing.ListAuditSink;

/** What a client causes at no cost is audited, and does not fill the disk. */
@Tag("T15")
final class BoundedAuditSinkTest {
  private final ListAuditSink sink = new ListAuditSink();
  private final AtomicLong nanos = new AtomicLong(-5);
  private final BoundedAuditSink bounded = new BoundedAuditSink(sink, nanos::get);

  @Test
  void each_is_one_event() {
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

  @Test
  void what_is_submitted_is_bounded_alike_and_never_waited_for() {
    List<AuditEvent> submitted = new ArrayList<>();
    AuditSink blocked =
        new AuditSink() {
          @Override
          public boolean record(AuditEvent event) {
            throw new AssertionError("an event loop would block");
          }

          @Override
          public void submit(AuditEvent event) {
            submitted.add(event);
          }
        };
    BoundedAuditSink unwaited = new BoundedAuditSink(blocked, nanos::get);
    for (int i = 0; i < 1_000; i++) {
      unwaited.submit(event("192.0.2.1", Optional.empty(), "not-found"));
    }
    assertThat(submitted).hasSize(100);
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    unwaited.submit(event("192.0.2.1", Optional.empty(), "not-found"));
    assertThat(submitted).hasSize(102);
    assertThat(submitted.get(100).outcome()).isEqualTo("left-out");
    assertThat(submitted.get(100).reason()).contains("900");
  }

  @Test
  void flood_of_one_address_leaves_room_for_the_others() {
    reject(1_000, "192.0.2.1", Optional.empty());
    int before = sink.events().size();
    reject(1, "192.0.2.2", Optional.empty());
    assertThat(since(before)).extracting(AuditEvent::address).contains("192.0.2.2");
  }

  @Test
  void networks_of_one_home_connection_are_bounded_together() {
    for (int network = 0; network < 256; network++) {
      reject(100, "2001:db8:1:4%02x::1".formatted(network), Optional.empty());
    }
    assertThat(sink.events().stream().filter(event -> !isNumber(event)).count()).isEqualTo(400);
  }

  @Test
  void flood_of_many_addresses_is_bounded_in_total() {
    for (int i = 0; i < 100; i++) {
      reject(100, "192.0.2." + i, Optional.empty());
    }
    assertThat(sink.events().stream().filter(event -> !isNumber(event)).count()).isEqualTo(500);
  }

  @Test
  void flood_without_a_credential_does_not_hide_what_identified_callers_are_denied() {
    reject(1_000, "192.0.2.1", Optional.empty());
    int before = sink.events().size();
    reject(1, "192.0.2.1", Optional.of("ann"));
    assertThat(since(before))
        .anySatisfy(
            event ->
                assertThat(event.caller().flatMap(AuditEvent.Caller::subject)).contains("ann"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"vended", "temporarily-unavailable", "upstream-fault", "internal"})
  void what_no_client_causes_at_no_cost_is_always_written(String outcome) {
    reject(1_000, "192.0.2.1", Optional.empty());
    int before = sink.events().size();
    for (int i = 0; i < 1_000; i++) {
      assertThat(bounded.record(event("192.0.2.1", Optional.empty(), outcome))).isTrue();
    }
    assertThat(since(before)).hasSize(1_000);
    sink.fail();
    assertThat(bounded.record(event("192.0.2.1", Optional.empty(), outcome))).isFalse();
  }

  private List<AuditEvent> since(int before) {
    return sink.events().subList(before, sink.events().size());
  }

  @Test
  void a_credential_that_nobody_could_verify_is_no_proof_of_cost() {
    AuditEvent unverified =
        event(
            "192.0.2.1",
            Optional.empty(),
            AuditEvent.TEMPORARILY_UNAVAILABLE,
            AuditEvent.AUTHENTICATION_UNAVAILABLE);
    for (int i = 0; i < 1_000; i++) {
      assertThat(bounded.record(unverified)).isTrue();
    }
    assertThat(sink.events()).hasSize(100);
  }

  private void refuse(int times) {
    reject(times, "192.0.2.1", Optional.empty());
  }

  private void reject(int times, String address, Optional<String> subject) {
    for (int i = 0; i < times; i++) {
      var _ = bounded.record(event(address, subject, "not-found"));
    }
  }

  private static AuditEvent event(String address, Optional<String> subject, String outcome) {
    return event(address, subject, outcome, "NOT_FOUND");
  }

  private static AuditEvent event(
      String address, Optional<String> subject, String outcome, String reason) {
    return new AuditEvent(
        Instant.EPOCH,
        Attempts.REQUEST_ID,
        Optional.empty(),
        address,
        subject.map(name -> new AuditEvent.Caller(Optional.of("issuer"), Optional.of(name))),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        outcome,
        Optional.of(reason),
        false,
        false,
        AuditEvent.Basis.none());
  }

  private static boolean isNumber(AuditEvent event) {
    return event.outcome().equals("left-out");
  }

  private long leftOut() {
    List<AuditEvent> numbers =
        sink.events().stream().filter(BoundedAuditSinkTest::isNumber).toList();
    return numbers.stream().mapToLong(event -> Long.parseLong(event.reason().orElseThrow())).sum();
  }
}
