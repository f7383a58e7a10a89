package tokenvending.story;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import momento.sdk.CacheClient;
import momento.sdk.TopicClient;
import momento.sdk.config.Configurations;
import momento.sdk.config.TopicConfigurations;
import momento.sdk.exceptions.MomentoErrorCode;
import momento.sdk.exceptions.SdkException;
import momento.sdk.responses.topic.TopicSubscribeResponse;

/** The SDK's clients for caches and topics with one credential. */
record Clients(CacheClient cache, TopicClient topics) implements AutoCloseable {

  /** Clients of the service that the token came with. */
  static Clients with(Token token) {
    return with(token, token.service());
  }

  /**
   * Clients of {@code service}. The cache client goes there in the clear; the topic client, which
   * knows TLS and port 443 only, through the {@link SecureEntrance} of this JVM.
   */
  static Clients with(Token token, URI service) {
    // The SDK's deadline of 5 s is too short for a machine that runs other tests at the same time.
    return new Clients(
        CacheClient.create(
            new Plaintext(token, service),
            Configurations.Laptop.latest().withTimeout(Duration.ofSeconds(15)),
            Duration.ofMinutes(1)),
        TopicClient.create(
            new Secure(token, service),
            TopicConfigurations.Laptop.latest().withTimeout(Duration.ofSeconds(15))));
  }

  /** Subscribes, and fails unless that was accepted. */
  Listener subscribed(String cache, String topic) {
    Listener listener = new Listener();
    TopicSubscribeResponse response = answer(topics.subscribe(cache, topic, listener));
    assertThat(response).isInstanceOf(TopicSubscribeResponse.Subscription.class);
    listener.keep((TopicSubscribeResponse.Subscription) response);
    return listener;
  }

  /** Waits for an answer that must come. */
  static <T> T answer(CompletableFuture<T> call) {
    try {
      return call.get(30, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("no answer", e);
    }
  }

  static void assertDone(CompletableFuture<?> call) {
    assertThat(answer(call)).isNotInstanceOf(SdkException.class);
  }

  static void assertRefused(MomentoErrorCode code, CompletableFuture<?> call) {
    Object response = answer(call);
    assertThat(response).isInstanceOf(SdkException.class);
    assertThat(((SdkException) response).getErrorCode()).isEqualTo(code);
  }

  @Override
  public void close() {
    cache.close();
    topics.close();
  }
}
