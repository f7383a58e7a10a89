package tokenvending.authentication;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class GuessBrakeTest {
  private final SettableClock clock = new SettableClock();
  private final GuessBrake<String> brake = new GuessBrake<>(clock.nanoClock(), 100);

  @Test
  void T7_pauses_grow_and_stay_within_a_minute() {
    List<Long> pauses = new ArrayList<>();
    for (int guess = 1; guess <= 18; guess++) {
      brake.pause("ann").ifPresent(clock::advance);
      entered("ann").wrong();
      brake.pause("ann").map(Duration::toSeconds).ifPresent(pauses::add);
    }
    assertThat(pauses).containsExactly(5L, 10L, 20L, 40L, 60L, 60L, 60L, 60L, 60L);
  }

  @Test
  void T7_no_minute_sees_the_fifteenth_wrong_guess_however_politely_it_waits() {
    List<Duration> judgedAt = new ArrayList<>();
    Duration at = Duration.ZERO;
    for (int tenth = 0; tenth < 36_000; tenth++) {
      while (brake.enter("ann") instanceof GuessBrake.Entered<String>(var place)) {
        place.wrong();
        judgedAt.add(at);
      }
      clock.advance(Duration.ofMillis(100));
      at = at.plusMillis(100);
    }
    int most = 0;
    for (Duration start : judgedAt) {
      Duration end = start.plusSeconds(60);
      most =
          Math.max(
              most,
              (int)
                  judgedAt.stream()
                      .filter(moment -> moment.compareTo(start) >= 0 && moment.compareTo(end) < 0)
                      .count());
    }
    assertThat(most).isEqualTo(13);
    assertThat(judgedAt).hasSizeBetween(60, 80);
  }

  @Test
  void T7_guesses_while_held_back_do_not_make_it_longer() {
    tenWrongGuesses("ann");
    for (int i = 0; i < 1000; i++) {
      assertThat(brake.enter("ann")).isInstanceOf(GuessBrake.Held.class);
    }
    clock.advance(Duration.ofSeconds(5));
    assertThat(brake.enter("ann")).isInstanceOf(GuessBrake.Entered.class);
  }

  @Test
  void T7_nothing_is_held_against_anybody_for_ever() {
    tenWrongGuesses("ann");
    clock.advance(GuessBrake.FORGOTTEN);
    for (int i = 0; i < 9; i++) {
      entered("ann").wrong();
    }
    assertThat(brake.pause("ann")).isEmpty();
  }

  @Test
  void T7_attempt_takes_its_place_before_it_is_judged() {
    List<GuessBrake<String>.Place> pending = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      pending.add(entered("ann"));
    }
    assertThat(brake.enter("ann")).isEqualTo(new GuessBrake.Held<String>(Duration.ofSeconds(1)));
    pending.forEach(GuessBrake.Place::wrong);
    assertThat(brake.pause("ann")).isEqualTo(Optional.of(Duration.ofSeconds(5)));
    clock.advance(Duration.ofSeconds(5));
    GuessBrake<String>.Place eleventh = entered("ann");
    assertThat(brake.enter("ann")).isInstanceOf(GuessBrake.Held.class);
    eleventh.release();
    assertThat(brake.enter("ann")).isInstanceOf(GuessBrake.Entered.class);
  }

  @Test
  void right_guesses_leave_nothing_behind() {
    for (int i = 0; i < 1000; i++) {
      entered("user " + i).release();
    }
    assertThat(brake.size()).isZero();
  }

  @Test
  void T7_flood_of_names_is_bounded_and_takes_the_longest_untouched_first() {
    tenWrongGuesses("ann");
    for (int i = 0; i < 250; i++) {
      entered("name " + i).wrong();
      // Whoever is being guessed at stays known.
      assertThat(brake.pause("ann")).isPresent();
    }
    assertThat(brake.size()).isEqualTo(100);
  }

  private void tenWrongGuesses(String key) {
    for (int i = 0; i < 10; i++) {
      entered(key).wrong();
    }
  }

  private GuessBrake<String>.Place entered(String key) {
    GuessBrake.Entry<String> entry = brake.enter(key);
    assertThat(entry).isInstanceOf(GuessBrake.Entered.class);
    return ((GuessBrake.Entered<String>) entry).place();
  }
}
