package sample;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tokenvending.momentolocal.junit.MomentoLocalExtension;

class MomentoLocalTest {
  @RegisterExtension
  static final MomentoLocalExtension MOMENTO = MomentoLocalExtension.withCaches("chat");

  private static String list(String key) throws Exception {
    URI address = URI.create("http://127.0.0.1:" + MOMENTO.port() + "/control_client.ScsControl/ListCaches");
    HttpRequest request =
        HttpRequest.newBuilder(address)
            .header("content-type", "application/grpc-web+proto")
            .header("authorization", key)
            .POST(BodyPublishers.ofByteArray(new byte[5]))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      var response = client.send(request, BodyHandlers.ofString());
      String status = "grpc-status";
      return response
          .headers()
          .firstValue(status)
          .orElseGet(() -> response.body().split(status + ":")[1].strip().split("\\D")[0]);
    }
  }

  @Test
  void it_accepts_its_own_key_and_no_other() throws Exception {
    String key = MOMENTO.credentials().rawApiKey();
    assertEquals("0", list(key));
    assertEquals("16", list(key + "x"));
  }
}
