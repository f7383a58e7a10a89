package tokenvending.momentolocal.junit;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;

/** Requests of Momento's HTTP API. */
final class Http {

  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private Http() {}

  /** Returns the status of a request, without a token if that is empty. */
  static int status(TestMomento momento, String method, String path, String token)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + momento.endpoint() + path))
            .method(method, BodyPublishers.ofString(method.equals("GET") ? "" : "text"));
    if (!token.isEmpty()) {
      request.header("authorization", token);
    }
    return CLIENT.send(request.build(), BodyHandlers.discarding()).statusCode();
  }
}
