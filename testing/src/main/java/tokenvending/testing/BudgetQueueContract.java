package tokenvending.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tokenvending.budget.BudgetCaller;
import tokenvending.budget.BudgetQueue;
import tokenvending.budget.BudgetQueue.AcquireRequest;
import tokenvending.budget.BudgetQueue.Answer;
import tokenvending.budget.BudgetQueue.Poll;
import tokenvending.budget.BudgetTerms;
import tokenvending.limits.Rate;
import tokenvending.observation.QueueStatus;

/**
 * The contract of every {@link BudgetQueue}. A subclass is a test class, and defines the queue and
 * how time passes.
 */
public abstract class BudgetQueueContract {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration STEP = Duration.ofMillis(50);
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  /** Two calls in any second; a call ends at the latest four seconds after its permit. */
  public static final BudgetTerms TERMS = terms(2);

  private static BudgetTerms terms(int slots) {
    return new BudgetTerms(new Rate(slots, SECOND), TIMEOUT, Duration.ofSeconds(3));
  }

  private final Map<String, Poll> polls = new HashMap<>();
  private final List<String> granted = new ArrayList<>();

  /** Returns the queue of this test, which is empty at first. */
  protected abstract BudgetQueue queue();

  /** Lets time pass: moves the queue's clock, or sleeps if the clock is the store's own. */
  protected abstract void pass(Duration time);

  private Poll poll(String who, String ticket, Duration timeout) {
    return poll(new BudgetCaller(who, false), ticket, timeout, TERMS);
  }

  private Poll poll(BudgetCaller who, String ticket, Duration timeout, BudgetTerms terms) {
    Poll look =
        queue().poll(new AcquireRequest(who, ticket, Duration.ZERO, timeout, 0, false, terms));
    if (look instanceof Poll.Granted && !granted.contains(ticket)) {
      granted.add(ticket);
    }
    polls.put(ticket, look);
    return look;
  }

  /** Polls as a caller of this name, with a ticket of the same name. */
  private Poll comes(String who) {
    return poll(who, who, TIMEOUT);
  }

  private void grantedAtOnce(String... who) {
    for (String one : who) {
      assertThat(comes(one)).as(one).isInstanceOf(Poll.Granted.class);
    }
  }

  private void answered(String... tickets) {
    for (String ticket : tickets) {
      queue().answered(ticket, Answer.GIVEN, TERMS);
    }
  }

  /** Lets time pass while these callers poll repeatedly, in this order. */
  private void passWith(Duration time, String... who) {
    for (Duration left = time; left.isPositive(); left = left.minus(STEP)) {
      pass(STEP);
      for (String one : who) {
        if (!granted.contains(one)) {
          comes(one);
        }
      }
    }
  }

  @Test
  @Tag("I8")
  void as_many_are_granted_as_the_rate_counts_and_no_more() {
    grantedAtOnce("ann", "bob");

    assertThat(comes("cyd")).isInstanceOf(Poll.Wait.class);
  }

  @Test
  @Tag("I8")
  void a_slot_is_free_one_period_after_the_answer_and_not_before() {
    grantedAtOnce("ann", "bob");
    pass(Duration.ofMillis(600));
    answered("ann");
    passWith(Duration.ofMillis(800), "cyd");
    assertThat(granted).containsExactly("ann", "bob");

    passWith(Duration.ofMillis(300), "cyd");
    assertThat(granted).containsExactly("ann", "bob", "cyd");
  }

  @Test
  void an_answer_counts_once() {
    grantedAtOnce("ann", "bob");
    answered("ann", "bob");
    pass(Duration.ofMillis(700));
    answered("ann", "ann", "nobody");
    pass(Duration.ofMillis(400));

    grantedAtOnce("cyd", "dan");
    assertThat(comes("eve")).isInstanceOf(Poll.Wait.class);
  }

  @Test
  void a_call_without_an_answer_holds_its_slot_until_it_must_be_over_and_one_period() {
    grantedAtOnce("ann", "bob");
    pass(Duration.ofMillis(3_500));
    assertThat(comes("cyd")).isNotInstanceOf(Poll.Granted.class);

    passWith(Duration.ofMillis(800), "cyd");
    assertThat(granted).contains("cyd");
  }

  @Test
  void a_slot_that_was_not_used_is_free_at_once() {
    grantedAtOnce("ann", "bob");
    queue().release("bob");

    grantedAtOnce("cyd");
    assertThat(comes("dan")).isInstanceOf(Poll.Wait.class);
  }

  @Test
  @Tag("I8")
  void slot_granted_in_a_lost_response_is_granted_again_and_held_from_then_on() {
    grantedAtOnce("ann", "bob", "ann");
    pass(Duration.ofMillis(3_500));
    grantedAtOnce("ann");
    pass(SECOND);

    grantedAtOnce("cyd");
    assertThat(comes("dan")).isInstanceOf(Poll.Wait.class);
  }

  @Test
  void ticket_can_be_used_again_after_its_slot_expired() {
    grantedAtOnce("ann", "bob");
    pass(Duration.ofMillis(4_200));

    grantedAtOnce("ann", "bob");
    assertThat(comes("cyd")).isInstanceOf(Poll.Wait.class);
  }

  @Test
  @Tag("I8")
  void slot_granted_in_a_lost_response_waits_while_the_queue_is_closed() {
    grantedAtOnce("ann");
    queue()
        .poll(
            new AcquireRequest(
                new BudgetCaller("bob", false), "bob", Duration.ZERO, TIMEOUT, 0, true, TERMS));
    assertThat(comes("ann")).isInstanceOf(Poll.Wait.class);

    granted.clear();
    passWith(Duration.ofMillis(3_200), "bob", "ann");
    assertThat(granted).containsExactlyInAnyOrder("ann", "bob");
    assertThat(comes("cyd")).isInstanceOf(Poll.Wait.class);
  }

  @Test
  void who_came_first_is_served_first_whoever_asks_first() {
    grantedAtOnce("ann", "bob");
    answered("ann", "bob");
    comes("cyd");
    comes("dan");
    comes("eve");
    passWith(Duration.ofMillis(1_100), "eve", "dan", "cyd");

    assertThat(granted).containsExactlyInAnyOrder("ann", "bob", "cyd", "dan");
  }

  @Test
  void who_arrived_first_is_served_first_though_he_was_slow_on_the_way_to_the_line() {
    grantedAtOnce("ann", "bob");
    answered("ann", "bob");
    pass(STEP);
    comes("cyd");
    pass(STEP);
    comes("dan");
    pass(STEP);
    Duration waited = STEP.multipliedBy(3).minusMillis(10);
    assertThat(queue().poll(waited("eve", waited))).isInstanceOf(Poll.Wait.class);
    passWith(SECOND, "dan", "cyd", "eve");

    assertThat(granted).containsExactlyInAnyOrder("ann", "bob", "eve", "cyd");
  }

  private static AcquireRequest waited(String who, Duration waited) {
    Duration timeout = TIMEOUT.multipliedBy(2);
    return new AcquireRequest(new BudgetCaller(who, false), who, waited, timeout, 0, false, TERMS);
  }

  @Test
  @Tag("T6")
  void nobody_is_believed_to_have_arrived_long_ago() {
    grantedAtOnce("ann", "bob");
    comes("cyd");
    comes("dan");
    passWith(BudgetQueue.LONGEST_DELAY.plus(STEP.multipliedBy(2)), "cyd", "dan");
    assertThat(queue().poll(waited("eve", Duration.ofDays(1)))).isInstanceOf(Poll.Wait.class);
    passWith(Duration.ofMillis(1_100), "eve", "cyd", "dan");

    assertThat(granted).containsExactlyInAnyOrder("ann", "bob", "cyd", "dan");
  }

  @Test
  void clock_that_was_set_back_puts_nobody_behind() {
    grantedAtOnce("ann", "bob");
    answered("ann", "bob");
    assertThat(queue().poll(waited("cyd", Duration.ofDays(-1)))).isInstanceOf(Poll.Wait.class);
    pass(STEP);
    comes("dan");
    comes("eve");
    passWith(Duration.ofMillis(1_050), "eve", "dan", "cyd");

    assertThat(granted).containsExactlyInAnyOrder("ann", "bob", "cyd", "dan");
  }

  @Test
  void nobody_waits_longer_than_he_has_patience() {
    grantedAtOnce("ann", "bob");
    comes("cyd");

    assertThat(poll("cyd", "cyd", Duration.ZERO)).isInstanceOf(Poll.Rejected.class);
  }

  @Test
  void whose_turn_will_not_come_in_time_is_told_at_once() {
    grantedAtOnce("ann", "bob");
    answered("ann", "bob");
    for (int i = 0; i < 20; i++) {
      comes("early-" + i);
    }

    assertThat(comes("late"))
        .isInstanceOfSatisfying(
            Poll.Rejected.class,
            back -> {
              assertThat(back.kept()).isTrue();
              // Twenty before, two each second: the permit is expected in eleven seconds.
              assertThat(back.retryAfter())
                  .isBetween(Duration.ofSeconds(8), Duration.ofSeconds(11));
              assertThat(back.retryAfter().toNanosPart()).isZero();
            });
  }

  @Test
  void calls_that_were_slow_at_the_start_make_nobody_come_back_too_late() {
    grantedAtOnce("ann", "bob");
    pass(Duration.ofMillis(1_500));
    answered("ann", "bob");

    assertThat(retryAfterTwenty()).isBetween(Duration.ofSeconds(8), Duration.ofSeconds(11));
  }

  @Test
  void calls_that_are_always_slow_are_reckoned_with() {
    for (int i = 0; i < 26; i++) {
      grantedAtOnce("ann-" + i, "bob-" + i);
      pass(Duration.ofMillis(400));
      answered("ann-" + i, "bob-" + i);
      pass(Duration.ofMillis(1_100));
    }
    grantedAtOnce("ann", "bob");
    answered("ann", "bob");

    assertThat(retryAfterTwenty()).isBetween(Duration.ofSeconds(12), Duration.ofSeconds(15));
  }

  /** Returns the Retry-After of the last of 21 callers that arrive together. */
  private Duration retryAfterTwenty() {
    for (int i = 0; i < 20; i++) {
      comes("early-" + i);
    }
    return switch (comes("late")) {
      case Poll.Rejected(Duration after, boolean kept) -> after;
      case Poll other -> throw new AssertionError(other.toString());
    };
  }

  @Test
  void who_was_told_to_come_back_finds_his_place_kept() {
    grantedAtOnce("ann", "bob");
    answered("ann", "bob");
    assertThat(poll("cyd", "cyd-1", Duration.ZERO)).isInstanceOf(Poll.Rejected.class);
    comes("dan");
    comes("eve");
    pass(Duration.ofMillis(200));
    comes("dan");
    comes("eve");
    poll("cyd", "cyd-2", TIMEOUT);
    for (int i = 0; i < 18; i++) {
      pass(STEP);
      comes("eve");
      comes("dan");
      poll("cyd", "cyd-2", TIMEOUT);
    }

    assertThat(granted).containsExactlyInAnyOrder("ann", "bob", "cyd-2", "dan");
  }

  @Test
  void nobody_absent_keeps_somebody_present_from_a_free_slot() {
    grantedAtOnce("ann", "bob");
    answered("ann", "bob");
    for (String absent : List.of("cyd", "dan", "eve")) {
      assertThat(poll(absent, absent, Duration.ZERO)).isInstanceOf(Poll.Rejected.class);
    }
    comes("fay");
    passWith(Duration.ofMillis(1_100), "fay");

    assertThat(granted).contains("fay");
  }

  @Test
  void a_place_that_nobody_claims_is_given_up() {
    grantedAtOnce("ann", "bob");
    assertThat(poll("cyd", "cyd", Duration.ZERO))
        .isInstanceOfSatisfying(
            Poll.Rejected.class,
            back -> {
              assertThat(positions()).isEqualTo(1);
              pass(back.retryAfter().plus(BudgetQueue.GRACE).plus(SECOND));
            });

    assertThat(positions()).isZero();
  }

  private int positions() {
    return queue().status(TERMS).orElseThrow().positions();
  }

  /** Waits until no position is left: a queue can remove one while its call is in progress. */
  private void awaitNoPositions() {
    Await.until("no positions that nobody holds", () -> positions() == 0);
  }

  @Test
  void who_leaves_is_out_of_the_line_at_once() {
    grantedAtOnce("ann", "bob");
    answered("ann", "bob");
    comes("cyd");
    comes("dan");
    comes("eve");
    queue().leave("cyd");
    passWith(Duration.ofMillis(1_100), "eve", "dan");

    assertThat(granted).containsExactlyInAnyOrder("ann", "bob", "dan", "eve");
    awaitNoPositions();
  }

  @Test
  void who_falls_silent_is_passed_over() {
    grantedAtOnce("ann", "bob");
    answered("ann", "bob");
    comes("dead");
    comes("dead too");
    comes("eve");
    passWith(Duration.ofMillis(1_700), "eve");

    assertThat(granted).containsExactly("ann", "bob", "eve");
  }

  @Test
  @Tag("T6")
  void one_caller_with_many_requests_does_not_keep_others_waiting() {
    grantedAtOnce("ann", "bob");
    answered("ann", "bob");
    for (int i = 0; i < 10; i++) {
      poll("greedy", "greedy-" + i, TIMEOUT);
    }
    comes("cyd");
    for (int i = 0; i < 22; i++) {
      pass(STEP);
      for (int j = 0; j < 10; j++) {
        if (!granted.contains("greedy-" + j) && polls.get("greedy-" + j) instanceof Poll.Wait) {
          poll("greedy", "greedy-" + j, TIMEOUT);
        }
      }
      if (!granted.contains("cyd")) {
        comes("cyd");
      }
    }

    assertThat(granted).containsExactlyInAnyOrder("ann", "bob", "greedy-0", "cyd");
  }

  @Test
  void the_next_one_from_a_crowd_has_a_place_of_his_own() {
    grantedAtOnce("ann", "bob");
    BudgetCaller network = new BudgetCaller("network", true);
    for (int i = 0; i < 30; i++) {
      poll(network, "one-" + i, Duration.ZERO, TERMS);
    }
    assertThat(positions()).isEqualTo(30);

    BudgetCaller caller = new BudgetCaller("caller", false);
    for (int i = 0; i < 30; i++) {
      poll(caller, "again-" + i, Duration.ZERO, TERMS);
    }
    assertThat(positions()).isEqualTo(31);
  }

  @Test
  @Tag("T6")
  void many_networks_of_one_home_connection_do_not_keep_others_waiting() {
    grantedAtOnce("ann", "bob");
    answered("ann", "bob");
    for (int i = 0; i < 12; i++) {
      poll(atHome(i), "home-" + i, TIMEOUT, TERMS);
    }
    comes("cyd");
    for (int step = 0; step < 24 && !granted.contains("cyd"); step++) {
      pass(STEP);
      for (int i = 0; i < 12; i++) {
        if (polls.get("home-" + i) instanceof Poll.Wait) {
          poll(atHome(i), "home-" + i, TIMEOUT, TERMS);
        }
      }
      comes("cyd");
    }

    assertThat(granted).contains("cyd");
    assertThat(granted).filteredOn(ticket -> ticket.startsWith("home")).hasSizeLessThan(2);
  }

  @Test
  void many_networks_of_one_home_connection_have_places_of_their_own() {
    grantedAtOnce("ann", "bob");
    for (int i = 0; i < 12; i++) {
      poll(atHome(i), "home-" + i, Duration.ZERO, TERMS);
    }
    assertThat(positions()).isEqualTo(12);
  }

  private static BudgetCaller atHome(int network) {
    List<BudgetCaller.Wider> wider =
        List.of(new BudgetCaller.Wider("home", 4), new BudgetCaller.Wider("site", 8));
    return new BudgetCaller("h" + network, true, wider);
  }

  @Test
  void places_of_one_caller_are_bounded() {
    grantedAtOnce("ann", "bob");
    for (int i = 0; i < 2 * BudgetQueue.MOST_POSITIONS_OF_A_CALLER; i++) {
      poll("greedy", "greedy-" + i, TIMEOUT);
    }

    assertThat(positions()).isLessThanOrEqualTo(BudgetQueue.MOST_POSITIONS_OF_A_CALLER);
  }

  @Test
  void a_refusal_for_the_limit_halves_the_slots_and_each_second_gives_one_back() {
    BudgetTerms four = terms(4);
    for (int i = 0; i < 4; i++) {
      assertThat(poll(new BudgetCaller("c" + i, false), "t" + i, TIMEOUT, four))
          .isInstanceOf(Poll.Granted.class);
    }
    for (int i = 0; i < 4; i++) {
      queue().answered("t" + i, i < 2 ? Answer.RATE_LIMITED : Answer.GIVEN, four);
    }
    assertThat(queue().status(four).orElseThrow().slots()).isEqualTo(2);

    pass(Duration.ofMillis(1_100));
    assertThat(queue().status(four).orElseThrow().slots()).isEqualTo(3);
    assertThat(queue().status(four).orElseThrow().free()).isEqualTo(3);
    pass(SECOND);
    assertThat(queue().status(four).orElseThrow().slots()).isEqualTo(4);
    pass(SECOND);
    assertThat(queue().status(four).orElseThrow().slots()).isEqualTo(4);
  }

  @Test
  @Tag("I8")
  void a_smaller_budget_counts_what_was_granted_under_the_larger_one() {
    BudgetTerms four = terms(4);
    for (int i = 0; i < 4; i++) {
      poll(new BudgetCaller("c" + i, false), "t" + i, TIMEOUT, four);
      queue().answered("t" + i, Answer.GIVEN, four);
    }

    assertThat(comes("cyd")).isInstanceOf(Poll.Wait.class);
    assertThat(queue().status(TERMS).orElseThrow().free()).isZero();
  }

  @Test
  @Tag("I8")
  void nothing_is_granted_for_a_period_after_an_instance_was_alone() {
    BudgetCaller cyd = new BudgetCaller("cyd", false);
    assertThat(queue().poll(new AcquireRequest(cyd, "cyd", Duration.ZERO, TIMEOUT, 0, true, TERMS)))
        .isInstanceOf(Poll.Wait.class);
    passWith(SECOND, "cyd", "dan");
    assertThat(granted).isEmpty();

    passWith(TIMEOUT, "cyd", "dan");
    assertThat(granted).containsExactlyInAnyOrder("cyd", "dan");
  }

  @Test
  void standing_counts_slots_and_people() {
    assertThat(queue().status(TERMS).orElseThrow())
        .isEqualTo(new QueueStatus(2, 2, 0, 0, Duration.ZERO));
    grantedAtOnce("ann", "bob");
    comes("cyd");
    poll("dan", "dan", Duration.ZERO);

    QueueStatus status = queue().status(TERMS).orElseThrow();
    assertThat(status.free()).isZero();
    assertThat(status.waiting()).isEqualTo(1);
    assertThat(status.positions()).isEqualTo(2);
    assertThat(status.newCallerWait()).isPositive();
  }
}
