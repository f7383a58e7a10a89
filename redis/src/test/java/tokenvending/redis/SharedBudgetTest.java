package tokenvending.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.state.SharedState;
import tokenvending.testing.Await;
import tokenvending.testing.Instance;
import tokenvending.testing.RedisProcess;
import tokenvending.testing.SharedBudgetContract;
import tokenvending.testing.StoreProcess;

/** By a Redis of each test's own. */
@Tag("I8")
final class SharedBudgetTest extends SharedBudgetContract {
  @TempDir private Path folder;
  private RedisProcess store;

  @BeforeEach
  void start() {
    store = RedisProcess.start(folder);
  }

  @AfterEach
  void end() {
    store.close();
  }

  @Override
  protected StoreProcess store() {
    return store;
  }

  @Override
  protected SharedState open() {
    return RedisState.open(store.address(), System::nanoTime);
  }

  @Override
  protected void settle() {
    var _ = store.settled();
  }

  @Override
  protected int people() {
    return 6;
  }

  @Override
  protected int used() {
    return 18;
  }

  @Test
  void store_that_forgot_the_scripts_is_told_them_again() {
    try (Instance one = instance();
        Instance two = instance()) {
      one.startCallers(6);
      two.startCallers(6);
      awaitMoreCalls(6);
      store.say("SCRIPT FLUSH");
      awaitMoreCalls(6);

      assertNotExceeded();
    }
  }

  @Test
  void instance_that_noticed_an_absence_tells_the_line_even_if_nobody_asked_it_meanwhile() {
    try (PretendedTime time = new PretendedTime(store, RedisLink.USUAL_TIMEOUT)) {
      await("it is open", () -> time.passAndIsGranted(Duration.ofSeconds(3), "ann"));
      store.stop();
      // Noticed after the timeout and a pulse, and then longer than what closes nothing.
      Await.pass(Duration.ofSeconds(4));
      store.goOn();
      await("it is back", () -> time.queue().status(Instance.TERMS).isPresent());

      // Four slots are free; somebody may have gone on alone.
      assertThat(time.passAndIsGranted(Duration.ZERO, "bob")).isFalse();
      assertThat(time.passAndIsGranted(Duration.ofMillis(2_400), "cyd")).isFalse();
      await("it is open", () -> time.passAndIsGranted(Duration.ofMillis(200), "dan"));
    }
  }
}
