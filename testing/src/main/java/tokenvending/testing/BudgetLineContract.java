package tokenvending.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tokenvending.budget.BudgetCaller;
import tokenvending.budget.BudgetLine;
import tokenvending.budget.BudgetLine.Answer;
import tokenvending.budget.BudgetLine.Ask;
import tokenvending.budget.BudgetLine.Look;
import tokenvending.budget.BudgetTerms;
import tokenvending.limits.Rate;

/**
 * What every {@link BudgetLine} must do. A subclass is a test class: it says where the line is and
 * how time passes there.
 */
public abstract class BudgetLineContract {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration STEP = Duration.ofMillis(50);
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** Two calls in any second; four seconds after its turn was granted a call is over. */
  protected static final BudgetTerms TERMS = terms(2);

  private static BudgetTerms terms(int slots) {
    return new BudgetTerms(new Rate(slots, SECOND), PATIENCE, Duration.ofSeconds(3));
  }

  private final Map<String, Look> told = new HashMap<>();
  private final List<String> granted = new ArrayList<>();

  /** The line of this test, new and empty at first; the same line for the whole test. */
  protected abstract BudgetLine line();

  /** Lets time pass for the line: moves its clock, or sleeps where that is the store's own. */
  protected abstract void pass(Duration time);

  private Look ask(String who, String ticket, Duration patience) {
    return ask(new BudgetCaller(who, false), ticket, patience, TERMS);
  }

  private Look ask(BudgetCaller who, String ticket, Duration patience, BudgetTerms terms) {
    Look look = line().ask(new Ask(who, ticket, Duration.ZERO, patience, 0, false, terms));
    if (look instanceof Look.Granted && !granted.contains(ticket)) {
      granted.add(ticket);
    }
    told.put(ticket, look);
    return look;
  }

  /** Everybody named here is a caller and a ticket of that name, and stays. */
  private Look comes(String who) {
    return ask(who, who, PATIENCE);
  }

  private void grantedAtOnce(String... who) {
    for (String one : who) {
      assertThat(comes(one)).as(one).isInstanceOf(Look.Granted.class);
    }
  }

  private void answered(String... tickets) {
    for (String ticket : tickets) {
      line().answered(ticket, Answer.GIVEN, TERMS);
    }
  }

  /** Time passes while these, who stay, ask again and again, in this order. */
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

    assertThat(comes("cyd")).isInstanceOf(Look.Wait.class);
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
    assertThat(comes("eve")).isInstanceOf(Look.Wait.class);
  }

  @Test
  void a_call_without_an_answer_holds_its_slot_until_it_must_be_over_and_one_period() {
    grantedAtOnce("ann", "bob");
    pass(Duration.ofMillis(3_500));
    assertThat(comes("cyd")).isNotInstanceOf(Look.Granted.class);

    passWith(Duration.ofMillis(800), "cyd");
    assertThat(granted).contains("cyd");
  }

  @Test
  void a_slot_that_was_not_used_is_free_at_once() {
    grantedAtOnce("ann", "bob");
    line().unused("bob");

    grantedAtOnce("cyd");
    assertThat(comes("dan")).isInstanceOf(Look.Wait.class);
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
    assertThat(line().ask(waited("eve", waited))).isInstanceOf(Look.Wait.class);
    passWith(SECOND, "dan", "cyd", "eve");

    assertThat(granted).containsExactlyInAnyOrder("ann", "bob", "eve", "cyd");
  }

  private static Ask waited(String who, Duration waited) {
    Duration patience = PATIENCE.multipliedBy(2);
    return new Ask(new BudgetCaller(who, false), who, waited, patience, 0, false, TERMS);
  }

  @Test
  @Tag("T6")
  void nobody_is_believed_to_have_arrived_long_ago() {
    grantedAtOnce("ann", "bob");
    comes("cyd");
    comes("dan");
    passWith(BudgetLine.LONGEST_WAY.plus(STEP.multipliedBy(2)), "cyd", "dan");
    assertThat(line().ask(waited("eve", Duration.ofDays(1)))).isInstanceOf(Look.Wait.class);
    passWith(Duration.ofMillis(1_100), "eve", "cyd", "dan");

    assertThat(granted).containsExactlyInAnyOrder("ann", "bob", "cyd", "dan");
  }

  @Test
  void clock_that_was_set_back_puts_nobody_behind() {
    grantedAtOnce("ann", "bob");
    answered("ann", "bob");
    assertThat(line().ask(waited("cyd", Duration.ofDays(-1)))).isInstanceOf(Look.Wait.class);
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

    assertThat(ask("cyd", "cyd", Duration.ZERO)).isInstanceOf(Look.ComeBack.class);
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
            Look.ComeBack.class,
            back -> {
              assertThat(back.kept()).isTrue();
              // Twenty before him, two each second: his turn is in eleven.
              assertThat(back.after()).isBetween(Duration.ofSeconds(8), Duration.ofSeconds(11));
              assertThat(back.after().toNanosPart()).isZero();
            });
  }

  @Test
  void calls_that_were_slow_at_the_start_make_nobody_come_back_too_late() {
    grantedAtOnce("ann", "bob");
    pass(Duration.ofMillis(1_500));
    answered("ann", "bob");

    assertThat(toldAfterTwenty()).isBetween(Duration.ofSeconds(8), Duration.ofSeconds(11));
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

    assertThat(toldAfterTwenty()).isBetween(Duration.ofSeconds(12), Duration.ofSeconds(15));
  }

  /** What the last of 21 is told who come together. */
  private Duration toldAfterTwenty() {
    for (int i = 0; i < 20; i++) {
      comes("early-" + i);
    }
    return switch (comes("late")) {
      case Look.ComeBack(Duration after, boolean kept) -> after;
      case Look other -> throw new AssertionError(other.toString());
    };
  }

  @Test
  void who_was_told_to_come_back_finds_his_place_kept() {
    grantedAtOnce("ann", "bob");
    answered("ann", "bob");
    assertThat(ask("cyd", "cyd-1", Duration.ZERO)).isInstanceOf(Look.ComeBack.class);
    comes("dan");
    comes("eve");
    pass(Duration.ofMillis(200));
    comes("dan");
    comes("eve");
    ask("cyd", "cyd-2", PATIENCE);
    for (int i = 0; i < 18; i++) {
      pass(STEP);
      comes("eve");
      comes("dan");
      ask("cyd", "cyd-2", PATIENCE);
    }

    assertThat(granted).containsExactlyInAnyOrder("ann", "bob", "cyd-2", "dan");
  }

  @Test
  void nobody_absent_keeps_somebody_present_from_a_free_slot() {
    grantedAtOnce("ann", "bob");
    answered("ann", "bob");
    for (String absent : List.of("cyd", "dan", "eve")) {
      assertThat(ask(absent, absent, Duration.ZERO)).isInstanceOf(Look.ComeBack.class);
    }
    comes("fay");
    passWith(Duration.ofMillis(1_100), "fay");

    assertThat(granted).contains("fay");
  }

  @Test
  void a_place_that_nobody_claims_is_given_up() {
    grantedAtOnce("ann", "bob");
    assertThat(ask("cyd", "cyd", Duration.ZERO))
        .isInstanceOfSatisfying(
            Look.ComeBack.class,
            back -> {
              assertThat(places()).isEqualTo(1);
              pass(back.after().plus(BudgetLine.GRACE).plus(SECOND));
            });

    assertThat(places()).isZero();
  }

  private int places() {
    return line().standing(TERMS).orElseThrow().places();
  }

  /** A line may clear a place while the call that was waited for there is under way. */
  private void awaitNoPlaces() {
    for (int i = 0; places() > 0; i++) {
      assertThat(i).as("looks at places that nobody holds").isLessThan(500);
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
    }
  }

  @Test
  void who_leaves_is_out_of_the_line_at_once() {
    grantedAtOnce("ann", "bob");
    answered("ann", "bob");
    comes("cyd");
    comes("dan");
    comes("eve");
    line().leave("cyd");
    passWith(Duration.ofMillis(1_100), "eve", "dan");

    assertThat(granted).containsExactlyInAnyOrder("ann", "bob", "dan", "eve");
    awaitNoPlaces();
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
      ask("greedy", "greedy-" + i, PATIENCE);
    }
    comes("cyd");
    for (int i = 0; i < 22; i++) {
      pass(STEP);
      for (int j = 0; j < 10; j++) {
        if (!granted.contains("greedy-" + j) && told.get("greedy-" + j) instanceof Look.Wait) {
          ask("greedy", "greedy-" + j, PATIENCE);
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
    BudgetCaller crowd = new BudgetCaller("network", true);
    for (int i = 0; i < 30; i++) {
      ask(crowd, "one-" + i, Duration.ZERO, TERMS);
    }
    assertThat(places()).isEqualTo(30);

    BudgetCaller caller = new BudgetCaller("caller", false);
    for (int i = 0; i < 30; i++) {
      ask(caller, "again-" + i, Duration.ZERO, TERMS);
    }
    assertThat(places()).isEqualTo(31);
  }

  @Test
  @Tag("T6")
  void many_networks_of_one_home_connection_do_not_keep_others_waiting() {
    grantedAtOnce("ann", "bob");
    answered("ann", "bob");
    for (int i = 0; i < 12; i++) {
      ask(atHome(i), "home-" + i, PATIENCE, TERMS);
    }
    comes("cyd");
    for (int step = 0; step < 24 && !granted.contains("cyd"); step++) {
      pass(STEP);
      for (int i = 0; i < 12; i++) {
        if (told.get("home-" + i) instanceof Look.Wait) {
          ask(atHome(i), "home-" + i, PATIENCE, TERMS);
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
      ask(atHome(i), "home-" + i, Duration.ZERO, TERMS);
    }
    assertThat(places()).isEqualTo(12);
  }

  private static BudgetCaller atHome(int network) {
    List<BudgetCaller.Wider> wider =
        List.of(new BudgetCaller.Wider("home", 4), new BudgetCaller.Wider("site", 8));
    return new BudgetCaller("h" + network, true, wider);
  }

  @Test
  void places_of_one_caller_are_bounded() {
    grantedAtOnce("ann", "bob");
    for (int i = 0; i < 2 * BudgetLine.PLACES_OF_A_CALLER; i++) {
      ask("greedy", "greedy-" + i, PATIENCE);
    }

    assertThat(places()).isLessThanOrEqualTo(BudgetLine.PLACES_OF_A_CALLER);
  }

  @Test
  void a_refusal_for_the_limit_halves_the_slots_and_each_second_gives_one_back() {
    BudgetTerms four = terms(4);
    for (int i = 0; i < 4; i++) {
      assertThat(ask(new BudgetCaller("c" + i, false), "t" + i, PATIENCE, four))
          .isInstanceOf(Look.Granted.class);
    }
    for (int i = 0; i < 4; i++) {
      line().answered("t" + i, i < 2 ? Answer.OVER_LIMIT : Answer.GIVEN, four);
    }
    assertThat(line().standing(four).orElseThrow().slots()).isEqualTo(2);

    pass(Duration.ofMillis(1_100));
    assertThat(line().standing(four).orElseThrow().slots()).isEqualTo(3);
    assertThat(line().standing(four).orElseThrow().free()).isEqualTo(3);
    pass(SECOND);
    assertThat(line().standing(four).orElseThrow().slots()).isEqualTo(4);
    pass(SECOND);
    assertThat(line().standing(four).orElseThrow().slots()).isEqualTo(4);
  }

  @Test
  @Tag("I8")
  void a_smaller_budget_counts_what_was_granted_under_the_larger_one() {
    BudgetTerms four = terms(4);
    for (int i = 0; i < 4; i++) {
      ask(new BudgetCaller("c" + i, false), "t" + i, PATIENCE, four);
      line().answered("t" + i, Answer.GIVEN, four);
    }

    assertThat(comes("cyd")).isInstanceOf(Look.Wait.class);
    assertThat(line().standing(TERMS).orElseThrow().free()).isZero();
  }

  @Test
  @Tag("I8")
  void nothing_is_granted_for_a_period_after_an_instance_was_alone() {
    BudgetCaller cyd = new BudgetCaller("cyd", false);
    assertThat(line().ask(new Ask(cyd, "cyd", Duration.ZERO, PATIENCE, 0, true, TERMS)))
        .isInstanceOf(Look.Wait.class);
    passWith(SECOND, "cyd", "dan");
    assertThat(granted).isEmpty();

    passWith(PATIENCE, "cyd", "dan");
    assertThat(granted).containsExactlyInAnyOrder("cyd", "dan");
  }

  @Test
  void standing_counts_slots_and_people() {
    assertThat(line().standing(TERMS).orElseThrow())
        .isEqualTo(new BudgetLine.Standing(2, 2, 0, 0, Duration.ZERO));
    grantedAtOnce("ann", "bob");
    comes("cyd");
    ask("dan", "dan", Duration.ZERO);

    BudgetLine.Standing standing = line().standing(TERMS).orElseThrow();
    assertThat(standing.free()).isZero();
    assertThat(standing.present()).isEqualTo(1);
    assertThat(standing.places()).isEqualTo(2);
    assertThat(standing.newcomerWaits()).isPositive();
  }
}
