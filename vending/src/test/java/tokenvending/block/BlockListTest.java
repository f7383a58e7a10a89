package tokenvending.block;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tokenvending.block.BlockList.Status;
import tokenvending.identity.Principal;
import tokenvending.state.BlockStore;
import tokenvending.testing.FakeSharedState;
import tokenvending.testing.SettableClock;
import tokenvending.testing.SettableNanos;

@Tag("T25")
final class BlockListTest {
  private static final String ISSUER = "https://login.example.com/";
  private static final Principal ANN =
      Principal.verified(ISSUER, "ann", Set.of(), Map.of(), Optional.empty());
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final SettableNanos nanos = new SettableNanos();
  private final SettableClock clock = SettableClock.started();
  private final FakeSharedState state = new FakeSharedState(nanos);
  private final BlockList operator = list();

  private BlockList list() {
    return new BlockList(state.blocks(), nanos, clock);
  }

  private Block block(String subject) {
    return new Block(
        Optional.empty(),
        subject,
        false,
        clock.instant(),
        Optional.empty(),
        Optional.of("ticket 7"));
  }

  private void pass(Duration time) {
    nanos.advance(time);
    clock.advance(time);
  }

  @Test
  void a_block_is_in_effect_on_every_instance_within_a_second_and_so_is_its_end() {
    BlockList one = list();
    BlockList other = list();
    assertThat(one.status(ANN)).isEqualTo(new Status.NotBlocked());
    assertThat(other.status(ANN)).isEqualTo(new Status.NotBlocked());

    Block block = block("ann");
    assertThat(operator.put(block)).isTrue();
    pass(SECOND);
    assertThat(one.status(ANN)).isInstanceOf(Status.Blocked.class);
    assertThat(other.status(ANN)).isInstanceOf(Status.Blocked.class);

    assertThat(operator.put(block.lift(clock.instant()))).isTrue();
    pass(SECOND);
    assertThat(one.status(ANN)).isEqualTo(new Status.NotBlocked());
    assertThat(list().status(ANN)).isEqualTo(new Status.NotBlocked());
  }

  @Test
  void what_is_known_stays_blocked_while_the_store_is_unavailable() {
    BlockList one = list();
    assertThat(operator.put(block("ann"))).isTrue();
    assertThat(one.status(ANN)).isInstanceOf(Status.Blocked.class);
    state.goAway();
    for (int hour = 0; hour < 3; hour++) {
      pass(Duration.ofHours(1));
      assertThat(one.status(ANN)).isInstanceOf(Status.Blocked.class);
    }
    assertThat(operator.put(block("bob"))).isFalse();
    assertThat(operator.inForce()).isEmpty();
  }

  @Test
  void an_instance_that_never_read_the_list_cannot_tell() {
    state.goAway();
    BlockList fresh = list();
    assertThat(fresh.status(ANN)).isEqualTo(new Status.Unknown());
    assertThat(fresh.status(Principal.anonymous())).isEqualTo(new Status.Unknown());
    state.comeBack();
    pass(SECOND);
    assertThat(fresh.status(ANN)).isEqualTo(new Status.NotBlocked());
  }

  @Test
  void a_store_that_lost_the_list_gets_it_back_from_an_instance() {
    BlockList one = list();
    Block lifted = block("bob");
    assertThat(operator.put(block("ann"))).isTrue();
    assertThat(operator.put(lifted)).isTrue();
    assertThat(operator.put(lifted.lift(clock.instant().plusMillis(1)))).isTrue();
    assertThat(one.status(ANN)).isInstanceOf(Status.Blocked.class);
    state.loseBlocks();
    pass(SECOND);
    assertThat(one.status(ANN)).isInstanceOf(Status.Blocked.class);
    assertThat(list().status(ANN)).isInstanceOf(Status.Blocked.class);
    assertThat(state.blockEntries()).hasSize(1);
  }

  @Test
  void an_entry_that_cannot_be_read_unblocks_no_caller() {
    BlockList one = list();
    assertThat(operator.put(block("ann"))).isTrue();
    assertThat(one.status(ANN)).isInstanceOf(Status.Blocked.class);
    for (String entry : new String[] {"", "{}", "{\"subject\":\"ann\",\"lifted\":true}"}) {
      assertThat(state.blocks().put(block("ann").name(), entry)).isTrue();
      pass(SECOND);
      assertThat(one.status(ANN)).isInstanceOf(Status.Blocked.class);
    }
  }

  @Test
  void a_process_that_was_frozen_reads_the_list_before_it_answers() {
    BlockList one = list();
    assertThat(one.status(ANN)).isEqualTo(new Status.NotBlocked());
    assertThat(operator.put(block("ann"))).isTrue();
    // The monotonic clock stood still.
    clock.advance(Duration.ofHours(1));
    assertThat(one.status(ANN)).isInstanceOf(Status.Blocked.class);
  }

  @Test
  void a_block_of_one_issuer_is_not_one_of_another_and_ends_at_its_time() {
    Instant end = clock.instant().plusSeconds(60);
    assertThat(
            operator.put(
                new Block(
                    Optional.of(ISSUER),
                    "ann",
                    false,
                    clock.instant(),
                    Optional.of(end),
                    Optional.empty())))
        .isTrue();
    BlockList one = list();
    Principal another = Principal.verified("password", "ann", Set.of(), Map.of(), Optional.empty());
    assertThat(one.status(ANN)).isInstanceOf(Status.Blocked.class);
    assertThat(one.status(another)).isEqualTo(new Status.NotBlocked());
    assertThat(one.status(Principal.anonymous())).isEqualTo(new Status.NotBlocked());
    pass(Duration.ofSeconds(60));
    assertThat(one.status(ANN)).isEqualTo(new Status.NotBlocked());
    assertThat(operator.inForce()).hasValueSatisfying(all -> assertThat(all).isEmpty());
  }

  @Test
  void the_list_is_bounded_and_entries_that_are_over_make_room() {
    for (int i = 0; i < BlockStore.MOST; i++) {
      Block one =
          new Block(
              Optional.empty(),
              "user-" + i,
              false,
              clock.instant(),
              Optional.of(clock.instant().plusSeconds(60)),
              Optional.empty());
      assertThat(state.blocks().put(one.name(), one.encoded())).isTrue();
    }
    assertThat(operator.put(block("ann"))).isFalse();
    assertThat(operator.put(block("user-7"))).isTrue();
    pass(Duration.ofHours(2));
    assertThat(operator.put(block("ann"))).isTrue();
    assertThat(state.blockEntries()).hasSize(2);
  }

  @Test
  void requests_read_the_store_at_most_three_times_a_second() {
    BlockList one = list();
    int before = state.questions();
    for (int i = 0; i < 1_000; i++) {
      assertThat(one.status(ANN)).isEqualTo(new Status.NotBlocked());
      pass(Duration.ofMillis(1));
    }
    assertThat(state.questions() - before).isBetween(2, 3);
  }
}
