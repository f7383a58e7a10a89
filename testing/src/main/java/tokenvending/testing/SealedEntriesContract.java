package tokenvending.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import tokenvending.state.SealedEntries;

/** The contract of every {@link SealedEntries}. A subclass is a test class. */
public abstract class SealedEntriesContract {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final String NAME = "0123456789-_abcdefghijklmnopqrstuvwxyzABCDE";

  /** Returns the entries of this test, which are empty at first. */
  protected abstract SealedEntries entries();

  /** Lets time pass for the entries. */
  protected abstract void pass(Duration time);

  @Test
  void what_was_kept_is_found_byte_by_byte() {
    byte[] all = new byte[256];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }
    entries().put(NAME, all, HOUR);

    assertThat(entries().find(NAME)).hasValueSatisfying(found -> assertThat(found).isEqualTo(all));
  }

  @Test
  void what_was_not_kept_is_not_found() {
    entries().put(NAME, new byte[] {1}, HOUR);

    assertThat(entries().find(NAME.substring(1))).isEmpty();
  }

  @Test
  void the_latest_takes_the_place_of_the_earlier() {
    entries().put(NAME, new byte[] {1}, HOUR);
    entries().put(NAME, new byte[] {2}, HOUR);

    assertThat(entries().find(NAME))
        .hasValueSatisfying(found -> assertThat(found).isEqualTo(new byte[] {2}));
  }

  @Test
  void what_is_over_is_forgotten() {
    entries().put(NAME, new byte[] {1}, Duration.ofSeconds(1));
    pass(Duration.ofMillis(1_100));

    assertThat(entries().find(NAME)).isEmpty();
  }

  @Test
  void the_largest_fits() {
    byte[] largest = new byte[SealedEntries.LARGEST];
    Arrays.fill(largest, (byte) 7);
    entries().put(NAME, largest, HOUR);

    assertThat(entries().find(NAME)).hasValueSatisfying(found -> assertThat(found).hasSize(16384));
  }
}
