package tokenvending.story;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A credential in the form that SDKs take, and where it is good.
 *
 * @param text base64 of a JSON object with an endpoint and an API key
 * @param service the address of the service that knows it
 */
record Token(String text, URI service) {

  private static final Pattern KEY = Pattern.compile("(\"api_key\"\\s*:\\s*\")([^\"]+)(\")");

  /** Asks {@code machine} for a token, as {@code curl} would. */
  static Token vended(Machine machine, String name) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(machine.uri().resolve("/?name=" + name))
              .timeout(Duration.ofSeconds(30))
              .build();
      HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      for (int retries = 0; answer.statusCode() == 503 && retries < 3; retries++) {
        // As every client should: a machine under load may say "later", and says when.
        Thread.sleep(
            Duration.ofSeconds(answer.headers().firstValueAsLong("retry-after").orElse(1)));
        answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      }
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      return new Token(
          member(answer.body(), "authToken"), URI.create(member(answer.body(), "webEndpoint")));
    }
  }

  /** The same token with the character at {@code position} of its secret part changed. */
  Token tamperedAt(int position) {
    String json = new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
    Matcher matcher = KEY.matcher(json);
    assertThat(matcher.find()).as("an API key in the token").isTrue();
    StringBuilder key = new StringBuilder(matcher.group(2));
    int at = position < 0 ? key.length() + position : position;
    key.setCharAt(at, key.charAt(at) == 'A' ? 'B' : 'A');
    String changed = json.substring(0, matcher.start(2)) + key + json.substring(matcher.end(2));
    return new Token(
        Base64.getEncoder().encodeToString(changed.getBytes(StandardCharsets.UTF_8)), service);
  }

  private static String member(String json, String name) {
    Matcher matcher = Pattern.compile("\"" + name + "\"\\s*:\\s*\"([^\"]+)\"").matcher(json);
    assertThat(matcher.find()).as(name + " in " + json).isTrue();
    return matcher.group(1);
  }
}
