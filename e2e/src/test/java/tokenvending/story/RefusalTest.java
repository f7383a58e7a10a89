package tokenvending.story;

import static momento.sdk.exceptions.MomentoErrorCode.AUTHENTICATION_ERROR;
import static momento.sdk.exceptions.MomentoErrorCode.NOT_FOUND_ERROR;
import static momento.sdk.exceptions.MomentoErrorCode.PERMISSION_ERROR;
import static org.assertj.core.api.Assertions.assertThat;
import static tokenvending.story.Clients.answer;
import static tokenvending.story.Clients.assertDone;
import static tokenvending.story.Clients.assertRefused;

import java.io.IOException;
import java.security.GeneralSecurityException;
import momento.sdk.exceptions.SdkException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * A token fails at what it was not granted; each refusal stands beside a call that differs in one
 * thing and works.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RefusalTest {

  private SecureEntrance entrance;
  private Machine machine;
  private Clients clients;

  @BeforeAll
  void vend() throws IOException, InterruptedException, GeneralSecurityException {
    entrance = SecureEntrance.here();
    machine = Machine.serve(Rules.NARROW);
    clients = Clients.with(Token.vended(machine, "Taylor"));
  }

  @AfterAll
  void stop() throws IOException {
    clients.close();
    machine.close();
    entrance.close();
  }

  @Test
  void a_key_outside_the_prefix_is_refused() {
    assertDone(clients.cache().set("default-cache", "mine-1", "x"));
    assertRefused(PERMISSION_ERROR, clients.cache().set("default-cache", "theirs-1", "x"));
    assertRefused(PERMISSION_ERROR, clients.cache().get("default-cache", "theirs-1"));
  }

  @Test
  void a_read_only_token_does_not_write() {
    assertDone(clients.cache().get("library", "book"));
    assertRefused(PERMISSION_ERROR, clients.cache().set("library", "book", "x"));
    assertRefused(PERMISSION_ERROR, clients.cache().setIfNotExists("library", "book", "x"));
    assertRefused(PERMISSION_ERROR, clients.cache().increment("library", "book", 1));
    assertRefused(PERMISSION_ERROR, clients.cache().delete("library", "book"));
  }

  @Test
  void another_cache_is_refused() {
    assertRefused(PERMISSION_ERROR, clients.cache().get("attic", "mine-1"));
    assertRefused(PERMISSION_ERROR, clients.cache().set("attic", "mine-1", "x"));
  }

  @Test
  void another_topic_is_refused_with_no_message_before_it() {
    clients.subscribed("default-cache", "news").unsubscribe();
    Listener listener = new Listener();
    assertRefused(
        PERMISSION_ERROR, clients.topics().subscribe("default-cache", "newsroom", listener));
    assertThat(listener.events()).isEmpty();
    assertRefused(PERMISSION_ERROR, clients.topics().subscribe("library", "news", listener));
  }

  @Test
  void each_topic_role_ends_where_the_other_begins() {
    assertDone(clients.topics().publish("library", "inbox", "x"));
    assertRefused(PERMISSION_ERROR, clients.topics().subscribe("library", "inbox", new Listener()));
    assertRefused(PERMISSION_ERROR, clients.topics().publish("default-cache", "news", "x"));
  }

  @Test
  void an_expired_token_is_refused_and_its_open_subscription_ends()
      throws IOException, InterruptedException {
    try (Machine brief = Machine.serve(Rules.BRIEF);
        Clients expiring = Clients.with(Token.vended(brief, "Taylor"))) {
      assertDone(expiring.cache().set("default-cache", "key", "x"));
      Listener listener = expiring.subscribed("default-cache", "talk");
      // The client reports the end of a stream as a lost connection, whatever its status.
      assertThat(listener.loses()).isTrue();
      assertThat(listener.events()).doesNotContain("completed");
      assertRefused(AUTHENTICATION_ERROR, expiring.cache().get("default-cache", "key"));
      assertRefused(AUTHENTICATION_ERROR, expiring.cache().set("default-cache", "key", "x"));
      assertRefused(AUTHENTICATION_ERROR, expiring.topics().publish("default-cache", "talk", "x"));
    }
  }

  @Test
  void a_permitted_call_on_a_missing_cache_is_NOT_FOUND() throws IOException, InterruptedException {
    try (Machine wide = Machine.serve(Rules.ALL_CACHES);
        Clients everywhere = Clients.with(Token.vended(wide, "Taylor"))) {
      assertDone(everywhere.cache().set("default-cache", "key", "x"));
      assertRefused(NOT_FOUND_ERROR, everywhere.cache().get("nowhere", "key"));
      assertRefused(NOT_FOUND_ERROR, everywhere.cache().set("nowhere", "key", "x"));
      assertRefused(NOT_FOUND_ERROR, everywhere.topics().publish("nowhere", "talk", "x"));
      assertRefused(
          NOT_FOUND_ERROR, everywhere.topics().subscribe("nowhere", "talk", new Listener()));
      assertRefused(PERMISSION_ERROR, everywhere.cache().createCache("nowhere"));
      assertThat(answer(everywhere.cache().get("default-cache", "key")))
          .isNotInstanceOf(SdkException.class);
    }
  }
}
