package tokenvending.momentolocal.item;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tokenvending.momentolocal.SettableClock;

class ItemStoreTest {

  private static final long BUDGET = 10_000;

  private final SettableClock clock = new SettableClock();
  private final ItemStore store = new ItemStore(clock, BUDGET);

  private void put(long cache, String key, int size, long ttlMillis) {
    Item item =
        new Item(new Scalar(ByteString.copyFrom(new byte[size])), clock.millis() + ttlMillis);
    store.update(
        cache, ByteString.copyFromUtf8(key), old -> new ItemChange<>(Optional.of(item), true));
  }

  private boolean holds(long cache, String key) {
    return store.read(cache, ByteString.copyFromUtf8(key), Optional::isPresent);
  }

  @Test
  void the_budget_holds_and_what_was_used_last_stays() {
    for (int i = 0; i < 5; i++) {
      put(1, "k" + i, 1_500, 60_000);
    }
    assertThat(holds(1, "k0")).isTrue();
    put(2, "k5", 1_500, 60_000);
    put(2, "k6", 1_500, 60_000);
    assertThat(store.bytes()).isLessThanOrEqualTo(BUDGET);
    assertThat(holds(1, "k0")).as("used last").isTrue();
    assertThat(holds(1, "k1")).as("used least recently").isFalse();
    assertThat(holds(2, "k6")).isTrue();
  }

  @Test
  void an_item_larger_than_the_budget_is_not_kept() {
    put(1, "vast", 20_000, 60_000);
    assertThat(holds(1, "vast")).isFalse();
    assertThat(store.bytes()).isZero();
  }

  @Test
  void an_item_is_gone_to_the_millisecond() {
    put(1, "k", 1, 1_000);
    clock.advance(Duration.ofMillis(999));
    assertThat(holds(1, "k")).isTrue();
    clock.advance(Duration.ofMillis(1));
    assertThat(holds(1, "k")).isFalse();
    assertThat(store.bytes()).isZero();
  }

  @Test
  void overwriting_and_forgetting_are_counted() {
    put(1, "k", 100, 60_000);
    long once = store.bytes();
    put(1, "k", 100, 60_000);
    assertThat(store.bytes()).isEqualTo(once);
    put(2, "k", 100, 60_000);
    store.forget(1);
    assertThat(store.bytes()).isEqualTo(once);
    assertThat(holds(1, "k")).isFalse();
    assertThat(holds(2, "k")).isTrue();
  }
}
