package tokenvending.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.budget.Crowd.Person;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.Principal;
import tokenvending.limits.Rate;

/** What the queue gives to crowds, in pretended time; each run is repeatable by its seed. */
final class CrowdTest {
  private static final BudgetTerms TERMS =
      new BudgetTerms(
          new Rate(5, Duration.ofSeconds(1)), Duration.ofSeconds(2), Duration.ofSeconds(5));
  private static final double OBEYS = 1;

  private static Duration seconds(double seconds) {
    return Duration.ofNanos((long) (seconds * 1e9));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  @Tag("T6")
  @Tag("I8")
  void thousand_callers_in_six_seconds_are_served_in_the_order_of_arrival(long seed) {
    Crowd crowd = new Crowd(TERMS, Duration.ofMillis(2), seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 1_000; i++) {
      crowd.comes("caller-" + i, seconds(6 * random.nextDouble()), OBEYS);
    }
    crowd.run();

    assertThat(crowd.people()).allMatch(Person::isServed);
    assertThat(crowd.refused()).isZero();
    assertThat(crowd.used()).isGreaterThanOrEqualTo(0.95);
    assertThat(crowd.worstBeyondIdeal()).isLessThanOrEqualTo(2);
    assertThat(crowd.mostAsked()).isLessThanOrEqualTo(4);
    assertThat(crowd.status().positions()).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void slow_calls_at_the_start_do_not_leave_slots_empty_later(long seed) {
    Crowd crowd = new Crowd(TERMS, Duration.ofMillis(2), seed);
    crowd.startsSlowly(5, Duration.ofMillis(1_200));
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 300; i++) {
      crowd.comes("caller-" + i, seconds(3 * random.nextDouble()), OBEYS);
    }
    crowd.run();

    assertThat(crowd.people()).allMatch(Person::isServed);
    assertThat(crowd.refused()).isZero();
    assertThat(crowd.used()).isGreaterThanOrEqualTo(0.95);
    assertThat(crowd.mostAsked()).isLessThanOrEqualTo(4);
  }

  /** A crowd that arrives slows the calls of those who are served meanwhile. */
  @ParameterizedTest
  @CsvSource({"15, 300", "25, 100", "40, 100", "60, 150"})
  void calls_that_are_slow_while_a_crowd_arrives_do_not_leave_slots_empty_later(
      int calls, int millis) {
    Crowd crowd = new Crowd(TERMS, Duration.ofMillis(2), calls);
    crowd.startsSlowly(calls, Duration.ofMillis(millis));
    SplittableRandom random = new SplittableRandom(calls);
    for (int i = 0; i < 1_000; i++) {
      crowd.comes("caller-" + i, seconds(6 * random.nextDouble()), OBEYS);
    }
    crowd.run();

    assertThat(crowd.people()).allMatch(Person::isServed);
    assertThat(crowd.refused()).isZero();
    assertThat(crowd.used()).isGreaterThanOrEqualTo(0.96);
    assertThat(crowd.mostAsked()).isLessThanOrEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void slots_of_those_who_never_come_back_are_not_wasted_on_those_who_do(long seed) {
    Crowd crowd = new Crowd(TERMS, Duration.ofMillis(2), seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 400; i++) {
      // Half of the crowd loses patience; others keep coming while there is a queue.
      crowd.comes("caller-" + i, seconds(6 * random.nextDouble()), i % 2 == 0 ? OBEYS : 0);
    }
    for (int i = 0; i < 150; i++) {
      crowd.comes("later-" + i, seconds(6 + 60 * random.nextDouble()), OBEYS);
    }
    crowd.run();

    assertThat(crowd.refused()).isZero();
    assertThat(crowd.people().stream().filter(Person::isServed).count())
        .isGreaterThanOrEqualTo(350);
    assertThat(crowd.mostAsked()).isLessThanOrEqualTo(6);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  @Tag("T6")
  void greedy_client_at_a_hundred_times_his_share_does_not_delay_others(long seed) {
    double without = p99(politePeople(seed, false));
    double with = p99(politePeople(seed, true));

    assertThat(with).isLessThanOrEqualTo(without + 3);
  }

  /** Twenty people each request for a token every five seconds: four a second in all. */
  private static List<Person> politePeople(long seed, boolean greedy) {
    Crowd crowd = new Crowd(TERMS, Duration.ofMillis(2), seed);
    SplittableRandom random = new SplittableRandom(seed);
    List<Person> polite = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      double phase = 5 * random.nextDouble();
      for (int round = 0; round < 12; round++) {
        polite.add(crowd.comes("polite-" + i, seconds(phase + 5 * round), OBEYS));
      }
    }
    for (int i = 0; greedy && i < 60 * 24; i++) {
      // His share would be one in about four seconds.
      crowd.comes("greedy", seconds(60 * random.nextDouble()), OBEYS);
    }
    crowd.run();
    assertThat(crowd.refused()).isZero();
    assertThat(polite).allMatch(Person::isServed);
    return polite;
  }

  private static double p99(List<Person> people) {
    double[] waits = people.stream().mapToDouble(Person::waited).sorted().toArray();
    return waits[(int) Math.ceil(0.99 * waits.length) - 1];
  }

  @Test
  void slow_upstream_serves_two_a_second_without_sending_anybody_away() {
    Crowd crowd = new Crowd(TERMS, Duration.ofMillis(1_460), 1);
    for (int i = 0; i < 120; i++) {
      crowd.comes("caller-" + i, seconds(i / 2.0), OBEYS);
    }
    crowd.run();

    assertThat(crowd.people()).allMatch(Person::isServed);
    assertThat(crowd.mostAsked()).isEqualTo(1);
    assertThat(crowd.refused()).isZero();
  }

  /** Each of 256 networks asks as often as one caller may: together ten times what there is. */
  @ParameterizedTest
  @CsvSource({"1, 56, 3", "2, 56, 3", "3, 48, 3", "4, 48, 3"})
  @Tag("T6")
  void attacker_with_256_networks_does_not_keep_others_waiting(long seed, int prefix, double most) {
    Crowd crowd = new Crowd(TERMS, Duration.ofMillis(2), seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 60 * 51; i++) {
      int network = random.nextInt(256);
      String address = "2001:db8:1:%x::1".formatted(prefix == 56 ? network : network * 0x100);
      crowd.comes(anonymous(address), seconds(60 * random.nextDouble()), random.nextInt(2));
    }
    List<Person> others = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      others.add(crowd.comes(anonymous("192.0.2." + i), seconds(i), OBEYS));
      others.add(crowd.comes(anonymous("2001:db8:%x::1".formatted(2 + i)), seconds(i), OBEYS));
    }
    crowd.run();

    assertThat(crowd.refused()).isZero();
    assertThat(others).allMatch(Person::isServed);
    assertThat(p99(others)).isLessThanOrEqualTo(most);
  }

  private static BudgetCaller anonymous(String address) {
    return BudgetCaller.of(Principal.anonymous(), ClientAddress.parse(address).orElseThrow());
  }
}
