package tokenvending.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.api.PageFolder;

/** In local use, a vended token can be tried with curl at the same port. */
final class LocalHttpApiTest {

  private static final Pattern TOKEN = Pattern.compile("\"authToken\":\"([^\"]+)\"");

  @TempDir private Path folder;

  @Test
  void a_vended_token_reads_what_it_may_and_writes_nothing() throws Exception {
    try (Vendor vendor =
            Vendor.startLocal(folder, Vendor.OPEN, PageFolder.missing("No pages here.")).ready();
        HttpClient http = HttpClient.newHttpClient()) {
      URI address = URI.create("http://127.0.0.1:" + vendor.server.port());
      Matcher vended =
          TOKEN.matcher(send(http, HttpRequest.newBuilder(address.resolve("/?name=a"))).body());
      assertThat(vended.find()).isTrue();
      String token = vended.group(1);
      URI item = address.resolve("/cache/chat?key=a&ttl_seconds=60");
      assertThat(send(http, request(item, token)).body()).contains("Key Not Found");
      assertThat(
              send(http, request(item, token).PUT(BodyPublishers.ofString("value"))).statusCode())
          .isEqualTo(403);
      assertThat(send(http, request(address.resolve("/topics/chat/a"), token)).statusCode())
          .isEqualTo(403);
      assertThat(send(http, HttpRequest.newBuilder(item)).statusCode()).isEqualTo(401);
    }
  }

  private static HttpRequest.Builder request(URI at, String token) {
    return HttpRequest.newBuilder(at).header("authorization", token);
  }

  private static HttpResponse<String> send(HttpClient http, HttpRequest.Builder request)
      throws Exception {
    return http.send(request.build(), BodyHandlers.ofString());
  }
}
