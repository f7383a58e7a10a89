package tokenvending.story;

import static momento.sdk.exceptions.MomentoErrorCode.SERVER_UNAVAILABLE;
import static org.assertj.core.api.Assertions.assertThat;
import static tokenvending.story.Clients.answer;
import static tokenvending.story.Clients.assertDone;
import static tokenvending.story.Clients.assertRefused;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import momento.sdk.CacheClient;
import momento.sdk.auth.MomentoLocalProvider;
import momento.sdk.config.Configurations;
import momento.sdk.responses.cache.GetResponse;
import momento.sdk.responses.cache.dictionary.DictionaryFetchResponse;
import org.junit.jupiter.api.Test;

/**
 * An application's tests with the SDK's own provider for momento-local, which sends no key. The
 * SDK's topic client ignores its port.
 */
final class KeylessTest {

  @Test
  void the_sdks_local_provider_works_with_keyless_and_the_sdk_retries_a_requested_fault()
      throws IOException {
    try (Machine machine =
        Machine.local(
            "--keyless",
            "--return-error=unavailable",
            "--error-rpcs=get,increment",
            "--error-count=1")) {
      MomentoLocalProvider provider =
          new MomentoLocalProvider("127.0.0.1", machine.uri().getPort());
      try (CacheClient cache =
          CacheClient.create(
              provider,
              Configurations.Laptop.latest().withTimeout(Duration.ofSeconds(15)),
              Duration.ofMinutes(1))) {
        assertDone(cache.createCache("application"));
        assertDone(cache.set("application", "key", "value"));
        assertThat(((GetResponse.Hit) answer(cache.get("application", "key"))).valueString())
            .as("the second attempt")
            .isEqualTo("value");
        // The SDK does not repeat it, because the first attempt could have had an effect.
        assertRefused(SERVER_UNAVAILABLE, cache.increment("application", "number", 1));
        assertDone(cache.increment("application", "number", 1));
        assertDone(cache.dictionarySetFields("application", "d", Map.of("field", "value")));
        assertThat(
                ((DictionaryFetchResponse.Hit) answer(cache.dictionaryFetch("application", "d")))
                    .valueMap())
            .containsExactly(Map.entry("field", "value"));
      }
    }
  }
}
