package sample;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static tokenvending.momentolocal.TokenPermission.Access.READ_ONLY;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import tokenvending.momentolocal.TokenPermission;
import tokenvending.momentolocal.junit.MomentoLocalTest;
import tokenvending.momentolocal.junit.TestMomento;

@MomentoLocalTest(caches = "chat")
class GuestTest {

  private static int publish(TestMomento momento, String key) throws Exception {
    URI address = URI.create("http://" + momento.endpoint() + "/topics/chat/room");
    HttpRequest request =
        HttpRequest.newBuilder(address)
            .header("authorization", key)
            .POST(BodyPublishers.ofString("hello"))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request, BodyHandlers.discarding()).statusCode();
    }
  }

  @Test
  void a_guest_cannot_publish(TestMomento momento) throws Exception {
    String guest = momento.vend(TokenPermission.topics(READ_ONLY, "chat"));
    assertEquals(204, publish(momento, momento.credentials().apiKey()));
    assertEquals(403, publish(momento, guest));
    momento.advance(Duration.ofHours(1));
    assertEquals(401, publish(momento, guest));
  }
}
