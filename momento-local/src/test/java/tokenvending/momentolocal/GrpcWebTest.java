package tokenvending.momentolocal;

import static org.assertj.core.api.Assertions.assertThat;
import static tokenvending.momentolocal.Local.CACHE;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tokenvending.momentolocal.wire.TopicRole;
import tokenvending.momentolocal.wire._GetRequest;
import tokenvending.momentolocal.wire._GetResponse;
import tokenvending.momentolocal.wire._PublishRequest;
import tokenvending.momentolocal.wire._SetRequest;
import tokenvending.momentolocal.wire._SubscriptionItem;
import tokenvending.momentolocal.wire._SubscriptionRequest;
import tokenvending.momentolocal.wire._TopicValue;

/** What a browser sends and needs, by plain HTTP/1.1. */
@Timeout(180)
class GrpcWebTest {

  private static final String PAGE = "http://localhost:5173";
  private static final String TOPIC = "weather";

  private final Local local = Local.start();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @AfterEach
  void stop() {
    local.close();
    http.shutdownNow();
  }

  private HttpRequest.Builder request(String method) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + local.server.port() + "/" + method))
        .header("origin", PAGE)
        .header("x-grpc-web", "1")
        .header("x-user-agent", "grpc-web-javascript/0.1")
        .header("content-type", "application/grpc-web-text")
        .header("accept", "application/grpc-web-text");
  }

  private HttpResponse<InputStream> call(String method, String key, MessageLite message)
      throws Exception {
    return http.send(
        request(method)
            .header("authorization", key)
            .header("cache", CACHE)
            .POST(HttpRequest.BodyPublishers.ofString(WebFrames.request(message.toByteArray())))
            .build(),
        HttpResponse.BodyHandlers.ofInputStream());
  }

  private WebFrames subscribe(String key, String topic) throws Exception {
    HttpResponse<InputStream> response =
        call(
            "cache_client.pubsub.Pubsub/Subscribe",
            key,
            _SubscriptionRequest.newBuilder().setCacheName(CACHE).setTopic(topic).build());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(header(response, "content-type")).startsWith("application/grpc-web-text");
    WebFrames frames = new WebFrames(response.body());
    assertThat(item(frames).hasHeartbeat()).isTrue();
    return frames;
  }

  private static _SubscriptionItem item(WebFrames frames) throws Exception {
    WebFrames.Frame frame = frames.next();
    assertThat(frame.trailers()).isFalse();
    return _SubscriptionItem.parseFrom(frame.body());
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  @Test
  void point_28_a_preflight_is_answered_without_authorization() throws Exception {
    List<String> wanted =
        List.of(
            "agent",
            "authorization",
            "cache",
            "content-type",
            "grpc-timeout",
            "runtime-version",
            "x-grpc-web",
            "x-user-agent",
            "read-concern",
            "request-id",
            "return-error",
            "error-rpcs",
            "error-count",
            "delay-ms",
            "delay-rpcs",
            "delay-count",
            "stream-error",
            "stream-error-rpcs",
            "stream-error-message-limit");
    for (String method :
        List.of(
            "token.Token/GenerateDisposableToken",
            "cache_client.Scs/Get",
            "cache_client.pubsub.Pubsub/Publish",
            "cache_client.pubsub.Pubsub/Subscribe")) {
      HttpResponse<String> response =
          http.send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + local.server.port() + "/" + method))
                  .header("origin", PAGE)
                  .header("access-control-request-method", "POST")
                  .header("access-control-request-headers", String.join(",", wanted))
                  .header("access-control-request-private-network", "true")
                  .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).isBetween(200, 204);
      assertThat(header(response, "access-control-allow-origin")).isEqualTo(PAGE);
      assertThat(header(response, "access-control-allow-methods")).contains("POST");
      assertThat(Arrays.asList(header(response, "access-control-allow-headers").split(",", -1)))
          .containsAll(wanted);
      assertThat(header(response, "access-control-max-age")).isNotEmpty();
      assertThat(header(response, "access-control-allow-private-network")).isEqualTo("true");
    }
  }

  @Test
  void point_28_an_error_is_http_200_with_a_status_the_page_may_read() throws Exception {
    HttpResponse<InputStream> response =
        call("cache_client.Scs/Get", "unknown", _GetRequest.getDefaultInstance());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(header(response, "grpc-status")).isEqualTo("16");
    assertThat(header(response, "access-control-allow-origin")).isEqualTo(PAGE);
    assertThat(header(response, "access-control-expose-headers"))
        .contains("grpc-status", "grpc-message", "err");
  }

  @Test
  void point_28_two_streams_and_a_publication_at_once() throws Exception {
    WebFrames one = subscribe(local.apiKey(), "one");
    WebFrames two = subscribe(local.apiKey(), "two");
    for (String topic : List.of("two", "one")) {
      HttpResponse<InputStream> published = publish(topic, "to " + topic);
      assertThat(published.statusCode()).isEqualTo(200);
    }
    assertThat(item(one).getItem().getValue().getText()).isEqualTo("to one");
    assertThat(item(two).getItem().getValue().getText()).isEqualTo("to two");
  }

  private HttpResponse<InputStream> publish(String topic, String text) throws Exception {
    return call(
        "cache_client.pubsub.Pubsub/Publish",
        local.apiKey(),
        _PublishRequest.newBuilder()
            .setCacheName(CACHE)
            .setTopic(topic)
            .setValue(_TopicValue.newBuilder().setText(text))
            .build());
  }

  @Test
  void point_29_each_item_arrives_before_the_next_is_sent() throws Exception {
    WebFrames frames = subscribe(local.apiKey(), TOPIC);
    for (int i = 1; i <= 50; i++) {
      // Lengths in a row, so that every kind of padding stands between two frames.
      String text = "x".repeat(i);
      local.publish(local.apiKey(), CACHE, TOPIC, text);
      assertThat(item(frames).getItem().getValue().getText()).isEqualTo(text);
    }
  }

  @Test
  void point_29_every_byte_survives() throws Exception {
    byte[] all = new byte[256];
    for (int i = 0; i < 256; i++) {
      all[i] = (byte) i;
    }
    WebFrames frames = subscribe(local.apiKey(), TOPIC);
    var _ =
        local
            .pubsub(local.apiKey())
            .publish(
                _PublishRequest.newBuilder()
                    .setCacheName(CACHE)
                    .setTopic(TOPIC)
                    .setValue(_TopicValue.newBuilder().setBinary(ByteString.copyFrom(all)))
                    .build());
    assertThat(item(frames).getItem().getValue().getBinary().toByteArray()).isEqualTo(all);

    ByteString key = ByteString.copyFrom(all);
    var _ =
        call(
            "cache_client.Scs/Set",
            local.apiKey(),
            _SetRequest.newBuilder()
                .setCacheKey(key)
                .setCacheBody(key)
                .setTtlMilliseconds(60_000)
                .build());
    WebFrames answer =
        new WebFrames(
            call(
                    "cache_client.Scs/Get",
                    local.apiKey(),
                    _GetRequest.newBuilder().setCacheKey(key).build())
                .body());
    assertThat(_GetResponse.parseFrom(answer.next().body()).getCacheBody()).isEqualTo(key);
    assertThat(answer.next().text()).contains("grpc-status: 0");
  }

  @Test
  void an_empty_text_is_an_item_like_any_other() throws Exception {
    WebFrames frames = subscribe(local.apiKey(), TOPIC);
    local.publish(local.apiKey(), CACHE, TOPIC, "");
    _TopicValue value = item(frames).getItem().getValue();
    assertThat(value.getKindCase()).isEqualTo(_TopicValue.KindCase.TEXT);
    assertThat(value.getText()).isEmpty();
  }

  @Test
  void the_end_of_a_stream_comes_as_a_trailers_frame() throws Exception {
    String token = local.mint(Grants.of(Grants.topics(TopicRole.TopicReadOnly, CACHE)));
    WebFrames frames = subscribe(token, TOPIC);
    local.clock.advance(Duration.ofSeconds(60));
    WebFrames.Frame end = frames.next();
    assertThat(end.trailers()).isTrue();
    assertThat(end.text()).contains("grpc-status: 16");
  }

  @Test
  void the_binary_form_is_understood_too() throws Exception {
    byte[] frame =
        WebFrames.frame(
            _GetRequest.newBuilder()
                .setCacheKey(ByteString.copyFromUtf8("k"))
                .build()
                .toByteArray());
    HttpResponse<byte[]> response =
        http.send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + local.server.port() + "/cache_client.Scs/Get"))
                .header("content-type", "application/grpc-web+proto")
                .header("authorization", local.apiKey())
                .header("cache", CACHE)
                .POST(HttpRequest.BodyPublishers.ofByteArray(frame))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    assertThat(header(response, "content-type")).startsWith("application/grpc-web+proto");
    int length = response.body()[4];
    assertThat(
            _GetResponse.parseFrom(new ByteArrayInputStream(response.body(), 5, length))
                .getResultValue())
        .isEqualTo(3);
  }

  @Test
  void the_largest_item_fits_through_base64() throws Exception {
    ByteString largest = ByteString.copyFrom(new byte[5 * 1024 * 1024]);
    HttpResponse<InputStream> response =
        call(
            "cache_client.Scs/Set",
            local.apiKey(),
            _SetRequest.newBuilder()
                .setCacheKey(ByteString.copyFromUtf8("large"))
                .setCacheBody(largest)
                .setTtlMilliseconds(60_000)
                .build());
    String body = new String(response.body().readAllBytes(), StandardCharsets.US_ASCII);
    assertThat(header(response, "grpc-status")).isIn("", "0");
    assertThat(body).isNotEmpty();
    assertThat(local.get(local.apiKey(), CACHE, "absent").getResultValue()).isEqualTo(3);
  }

  @Test
  void what_is_not_served_says_so_in_terms_of_grpc() throws Exception {
    HttpResponse<InputStream> response =
        call("leaderboard.Leaderboard/GetRank", local.apiKey(), _GetRequest.getDefaultInstance());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(header(response, "grpc-status")).isEqualTo("12");
    assertThat(header(response, "grpc-message")).contains("does not implement");
  }
}
