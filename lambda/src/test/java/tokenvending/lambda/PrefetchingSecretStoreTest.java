package tokenvending.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tokenvending.secret.Secret;
import tokenvending.secret.SecretStore;
import tokenvending.secret.SecretStore.Lookup;

final class PrefetchingSecretStoreTest {
  private final AtomicInteger asked = new AtomicInteger();
  private final LinkedTransferQueue<Lookup> answers = new LinkedTransferQueue<>();
  private final SecretStore store =
      name -> {
        asked.incrementAndGet();
        try {
          return answers.take();
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      };
  private final PrefetchingSecretStore ahead = new PrefetchingSecretStore(store);

  private static Lookup found() {
    return new Lookup.Found(Secret.of("text"));
  }

  @Test
  void who_asks_first_is_told_what_was_asked_ahead_and_the_next_asks_anew() {
    Lookup first = found();
    Lookup second = found();
    ahead.begin("key");
    answers.add(first);
    assertThat(ahead.find("key")).isSameAs(first);
    answers.add(second);
    assertThat(ahead.find("key")).isSameAs(second);
    assertThat(asked).hasValue(2);
  }

  @Test
  void another_name_is_another_question() {
    Lookup other = found();
    answers.add(other);
    assertThat(ahead.find("users")).isSameAs(other);
  }

  @Test
  void what_nobody_took_is_gone_after_the_connection_is() throws Exception {
    ahead.begin("key");
    answers.transfer(found());
    ahead.disconnect();
    Lookup fresh = found();
    answers.add(fresh);
    assertThat(ahead.find("key")).isSameAs(fresh);
  }
}
