package tokenvending.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import tokenvending.state.BlockStore;

/** The contract of every {@link BlockStore}. A subclass is a test class. */
public abstract class BlockStoreContract {
  private static final String NAME = "0123456789-_abcdefABCD";

  /** Returns the store of this test, which is empty at first. */
  protected abstract BlockStore blocks();

  @Test
  void entries_are_found_replaced_and_removed_by_their_names() {
    BlockStore store = blocks();
    assertThat(store.read()).isEqualTo(new BlockStore.Reading.Found(Map.of()));

    assertThat(store.put(NAME, "{\"subject\":\"Žofie 山田\"}")).isTrue();
    assertThat(store.put("other", "{}")).isTrue();
    assertThat(store.put("other", "{\"a\":1}")).isTrue();
    assertThat(store.read())
        .isEqualTo(
            new BlockStore.Reading.Found(
                Map.of(NAME, "{\"subject\":\"Žofie 山田\"}", "other", "{\"a\":1}")));

    store.remove(NAME);
    store.remove("never there");
    assertThat(store.read()).isEqualTo(new BlockStore.Reading.Found(Map.of("other", "{\"a\":1}")));
  }
}
