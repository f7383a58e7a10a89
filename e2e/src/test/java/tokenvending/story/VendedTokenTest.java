package tokenvending.story;

import static org.assertj.core.api.Assertions.assertThat;
import static tokenvending.story.Clients.answer;
import static tokenvending.story.Clients.assertDone;
import static tokenvending.story.Clients.assertRefused;

import java.io.IOException;
import java.security.GeneralSecurityException;
import momento.sdk.exceptions.MomentoErrorCode;
import momento.sdk.responses.cache.GetResponse;
import momento.sdk.responses.cache.IncrementResponse;
import momento.sdk.responses.cache.SetIfNotExistsResponse;
import momento.sdk.responses.topic.TopicMessage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A token from the built-in configuration does what that grants, and has no control plane. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class VendedTokenTest {

  private SecureEntrance entrance;
  private Machine machine;
  private Token token;
  private Clients clients;

  @BeforeAll
  void vend() throws IOException, InterruptedException, GeneralSecurityException {
    entrance = SecureEntrance.here();
    machine = Machine.serve();
    token = Token.vended(machine, "Taylor");
    clients = Clients.with(token);
  }

  @AfterAll
  void stop() throws IOException {
    clients.close();
    machine.close();
    entrance.close();
  }

  @Test
  void it_writes_and_reads_the_cache_that_it_was_granted() {
    assertDone(clients.cache().set("default-cache", "greeting", "hello"));
    GetResponse response = answer(clients.cache().get("default-cache", "greeting"));
    assertThat(response).isInstanceOf(GetResponse.Hit.class);
    assertThat(((GetResponse.Hit) response).valueString()).isEqualTo("hello");
    assertThat(answer(clients.cache().get("default-cache", "nothing here")))
        .isInstanceOf(GetResponse.Miss.class);
  }

  @Test
  void bytes_of_every_value_come_back_as_they_were_stored() {
    byte[] bytes = new byte[256];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    assertDone(clients.cache().set("default-cache", bytes, bytes));
    GetResponse response = answer(clients.cache().get("default-cache", bytes));
    assertThat(((GetResponse.Hit) response).valueByteArray()).isEqualTo(bytes);
  }

  @Test
  void the_conditional_and_counting_calls_are_open_to_it() {
    assertThat(answer(clients.cache().setIfNotExists("default-cache", "once", "first")))
        .isInstanceOf(SetIfNotExistsResponse.Stored.class);
    assertThat(answer(clients.cache().setIfNotExists("default-cache", "once", "second")))
        .isInstanceOf(SetIfNotExistsResponse.NotStored.class);
    IncrementResponse counted = answer(clients.cache().increment("default-cache", "count", 3));
    assertThat(((IncrementResponse.Success) counted).valueNumber()).isEqualTo(3);
    assertDone(clients.cache().delete("default-cache", "count"));
    assertThat(answer(clients.cache().get("default-cache", "count")))
        .isInstanceOf(GetResponse.Miss.class);
  }

  @Test
  void a_subscriber_sees_Taylor_as_token_id() throws IOException, InterruptedException {
    try (Clients robin = Clients.with(Token.vended(machine, "Robin"))) {
      Listener listener = robin.subscribed("default-cache", "talk");
      assertDone(clients.topics().publish("default-cache", "talk", "hi from Taylor"));
      TopicMessage message = listener.next();
      assertThat(message).isInstanceOf(TopicMessage.Text.class);
      assertThat(((TopicMessage.Text) message).getValue()).isEqualTo("hi from Taylor");
      assertThat(((TopicMessage.Text) message).getTokenId()).isEqualTo("Taylor");
      assertThat(listener.events().getFirst()).isNotEqualTo("message");
      listener.unsubscribe();
    }
  }

  @Test
  void messages_arrive_once_each_in_order_text_and_binary() throws InterruptedException {
    Listener listener = clients.subscribed("default-cache", "mixed");
    byte[] bytes = {0, 1, (byte) 0x80, (byte) 0xff};
    for (int i = 0; i < 20; i++) {
      assertDone(clients.topics().publish("default-cache", "mixed", "text " + i));
      assertDone(clients.topics().publish("default-cache", "mixed", bytes));
    }
    for (int i = 0; i < 20; i++) {
      assertThat(((TopicMessage.Text) listener.next()).getValue()).isEqualTo("text " + i);
      assertThat(((TopicMessage.Binary) listener.next()).getValue()).isEqualTo(bytes);
    }
    assertThat(listener.hasMessages()).isFalse();
    assertThat(listener.hasErrors()).isFalse();
    listener.unsubscribe();
  }

  @Test
  void it_makes_deletes_and_lists_no_caches() {
    assertRefused(MomentoErrorCode.PERMISSION_ERROR, clients.cache().createCache("new-cache"));
    assertRefused(MomentoErrorCode.PERMISSION_ERROR, clients.cache().deleteCache("default-cache"));
    assertRefused(MomentoErrorCode.PERMISSION_ERROR, clients.cache().listCaches());
    assertDone(clients.cache().set("default-cache", "still", "there"));
  }

  @Test
  void with_one_changed_byte_it_is_refused() {
    for (int position : new int[] {0, 20, -20, -1}) {
      try (Clients forged = Clients.with(token.tamperedAt(position))) {
        assertRefused(
            MomentoErrorCode.AUTHENTICATION_ERROR, forged.cache().get("default-cache", "key"));
        assertRefused(
            MomentoErrorCode.AUTHENTICATION_ERROR,
            forged.topics().publish("default-cache", "talk", "x"));
        assertRefused(
            MomentoErrorCode.AUTHENTICATION_ERROR,
            forged.topics().subscribe("default-cache", "talk", new Listener()));
      }
    }
    assertDone(clients.cache().get("default-cache", "key"));
  }
}
