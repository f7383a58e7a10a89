package tokenvending.story;

import static org.assertj.core.api.Assertions.assertThat;
import static tokenvending.story.Clients.assertDone;

import java.io.IOException;
import java.security.GeneralSecurityException;
import momento.sdk.responses.topic.TopicMessage;
import org.junit.jupiter.api.Test;

/**
 * How subscriptions of the Java client end, against the local stand-in with its own API key. The
 * client keeps the status to itself: whatever it is but OK, it reports a lost connection, and after
 * UNAVAILABLE it tries again.
 */
final class StreamEndTest {

  @Test
  void deleting_a_cache_ends_its_streams_and_no_others()
      throws IOException, InterruptedException, GeneralSecurityException {
    try (SecureEntrance _ = SecureEntrance.here();
        Machine local = Machine.local();
        Clients owner = Clients.with(new Token(local.apiKey(), local.uri()))) {
      assertDone(owner.cache().createCache("short-lived"));
      Listener ending = owner.subscribed("short-lived", "talk");
      Listener staying = owner.subscribed("default-cache", "talk");
      assertDone(owner.cache().deleteCache("short-lived"));
      assertThat(ending.loses()).isTrue();
      assertThat(ending.events()).doesNotContain("completed");
      assertDone(owner.topics().publish("default-cache", "talk", "still here"));
      assertThat(((TopicMessage.Text) staying.next()).getTokenId()).isNullOrEmpty();
      assertThat(staying.events()).doesNotContain("completed");
      staying.unsubscribe();
    }
  }

  @Test
  void server_shutdown_ends_streams_with_UNAVAILABLE_never_OK()
      throws IOException, InterruptedException, GeneralSecurityException {
    Machine local = Machine.local();
    try (SecureEntrance _ = SecureEntrance.here();
        Clients owner = Clients.with(new Token(local.apiKey(), local.uri()))) {
      Listener listener = owner.subscribed("default-cache", "talk");
      local.close();
      // After OK it would say that all is complete, and never come back.
      assertThat(listener.loses()).isTrue();
      assertThat(listener.events()).doesNotContain("completed");
      assertThat(listener.hasErrors()).isFalse();
      listener.unsubscribe();
    }
  }
}
