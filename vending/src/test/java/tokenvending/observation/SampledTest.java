package tokenvending.observation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** How often something costly is computed. */
final class SampledTest {
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
  private final AtomicInteger computed = new AtomicInteger();
  private final Sampled<Integer> sampled =
      new Sampled<>(computed::incrementAndGet, Duration.ofMillis(250), nanos::get);

  @Test
  void value_is_computed_four_times_a_second_at_most() {
    for (int i = 0; i < 10_000; i++) {
      sampled.get();
      nanos.addAndGet(Duration.ofMillis(1).toNanos());
    }
    assertThat(computed).hasValue(40);
  }

  @Test
  void value_is_new_after_the_interval() {
    assertThat(sampled.get()).isEqualTo(1);
    nanos.addAndGet(Duration.ofMillis(250).toNanos() - 1);
    assertThat(sampled.get()).isEqualTo(1);
    nanos.incrementAndGet();
    assertThat(sampled.get()).isEqualTo(2);
  }

  @Test
  void requests_at_the_same_time_share_one_computation() throws Exception {
    CountDownLatch computing = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Sampled<Integer> slow =
        new Sampled<>(
            () -> {
              computing.countDown();
              awaitUnchecked(goOn);
              return computed.incrementAndGet();
            },
            Duration.ofMillis(250),
            nanos::get);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Integer>> askers = Collections.nCopies(100, slow::get);
      List<Future<Integer>> answers = askers.stream().map(threads::submit).toList();
      computing.await();
      goOn.countDown();
      for (Future<Integer> answer : answers) {
        assertThat(answer.get()).isEqualTo(1);
      }
    }
    assertThat(computed).hasValue(1);
  }

  private static void awaitUnchecked(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
