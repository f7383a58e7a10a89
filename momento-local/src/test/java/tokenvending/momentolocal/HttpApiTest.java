package tokenvending.momentolocal;

import static org.assertj.core.api.Assertions.assertThat;
import static tokenvending.momentolocal.Local.CACHE;

import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.momentolocal.wire.CacheRole;
import tokenvending.momentolocal.wire.PermissionsType;
import tokenvending.momentolocal.wire.TopicRole;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HttpApiTest {

  private static final String ITEM = "/cache/default-cache?key=pet-cat";
  private static final String TOPIC = "/topics/default-cache/pet-cat";

  /** Each route: how it is requested, what it requires, and the status for a permitted caller. */
  private enum Endpoint {
    GET("GET", ITEM, true, false, 404),
    PUT("PUT", ITEM + "&ttl_seconds=60", false, false, 204),
    DELETE("DELETE", ITEM, false, false, 204),
    PUBLISH("POST", TOPIC, false, true, 204),
    // A discontinuity, because there is no such message: it needs no waiting.
    SUBSCRIBE("GET", TOPIC + "?sequence_number=99", true, true, 200);

    private final String method;
    private final String path;
    private final boolean reads;
    private final boolean onTopic;
    private final int permitted;

    Endpoint(String method, String path, boolean reads, boolean onTopic, int permitted) {
      this.method = method;
      this.path = path;
      this.reads = reads;
      this.onTopic = onTopic;
      this.permitted = permitted;
    }

    private String body() {
      return method.startsWith("P") ? "meow" : "";
    }
  }

  private final Local local = Local.start();
  private final HttpClient http = HttpClient.newHttpClient();

  @AfterEach
  void removeItems() {
    local.momento.reset();
  }

  @AfterAll
  void stop() {
    local.close();
  }

  @Test
  void a_value_is_stored_read_and_deleted() throws Exception {
    String key = local.apiKey();
    assertThat(send("GET", ITEM, key).statusCode()).isEqualTo(404);
    assertThat(send("GET", ITEM, key).body()).contains("Key Not Found");
    assertThat(send("PUT", ITEM + "&ttl_seconds=60", key, "meow").statusCode()).isEqualTo(204);
    HttpResponse<String> found = send("GET", ITEM, key);
    assertThat(found.body()).isEqualTo("meow");
    assertThat(found.headers().firstValue("content-type")).contains("application/octet-stream");
    String encoded = "/cache/default-cache?key_base64=" + base64Url("pet-cat");
    assertThat(send("GET", encoded, key).body()).isEqualTo("meow");
    assertThat(local.get(key, CACHE, "pet-cat").getCacheBody().toStringUtf8()).isEqualTo("meow");
    local.clock.advance(Duration.ofSeconds(60));
    assertThat(send("GET", ITEM, key).statusCode()).isEqualTo(404);
    assertThat(send("PUT", ITEM + "&ttl_seconds=60", key, "meow").statusCode()).isEqualTo(204);
    assertThat(send("DELETE", encoded, key).statusCode()).isEqualTo(204);
    assertThat(send("GET", ITEM, key).statusCode()).isEqualTo(404);
  }

  @Test
  void a_message_reaches_a_waiting_subscriber_and_one_that_names_the_last_it_received()
      throws Exception {
    String key = local.apiKey();
    CompletableFuture<HttpResponse<String>> waiting =
        http.sendAsync(
            request("GET", TOPIC, "").header("authorization", key).build(),
            BodyHandlers.ofString());
    local.awaitSubscriptions(1);
    assertThat(send("POST", TOPIC, key, "meow").statusCode()).isEqualTo(204);
    assertThat(waiting.get(100, TimeUnit.SECONDS).body())
        .isEqualTo(
            "{\"items\":[{\"item\":{\"topic_sequence_number\":1,\"value\":{\"text\":\"meow\"}}}]}");
    HttpRequest binary =
        request("POST", TOPIC, "\u0001")
            .header("content-type", "application/octet-stream")
            .header("authorization", key)
            .build();
    assertThat(http.send(binary, BodyHandlers.discarding()).statusCode()).isEqualTo(204);
    assertThat(send("GET", TOPIC + "?sequence_number=1", key).body())
        .isEqualTo(
            "{\"items\":[{\"item\":{\"topic_sequence_number\":2,\"value\":{\"binary\":\"AQ==\"}}}]}");
    assertThat(send("GET", TOPIC + "?sequence_number=0", key).body())
        .contains("\"meow\"", "\"AQ==\"");
    assertThat(send("GET", TOPIC + "?sequence_number=99", key).body())
        .contains(
            "{\"discontinuity\":{\"last_topic_sequence\":99,\"new_topic_sequence\":0}}", "meow");
    local.awaitSubscriptions(0);
  }

  @Test
  void a_client_that_leaves_is_no_subscriber_and_an_expired_token_ends_the_wait() throws Exception {
    CompletableFuture<HttpResponse<String>> leaving =
        http.sendAsync(
            request("GET", TOPIC, "").header("authorization", local.apiKey()).build(),
            BodyHandlers.ofString());
    local.awaitSubscriptions(1);
    leaving.cancel(true);
    local.awaitSubscriptions(0);
    String token = local.mint(Grants.of(Grants.topics(TopicRole.TopicReadOnly, CACHE)));
    CompletableFuture<HttpResponse<String>> expiring =
        http.sendAsync(
            request("GET", TOPIC, "").header("authorization", token).build(),
            BodyHandlers.ofString());
    local.awaitSubscriptions(1);
    local.clock.advance(Duration.ofSeconds(60));
    assertThat(expiring.get(100, TimeUnit.SECONDS).statusCode()).isEqualTo(401);
  }

  @Test
  void the_token_is_a_header_or_a_parameter_in_each_of_its_forms_and_not_both() throws Exception {
    for (String key :
        List.of(
            local.apiKey(),
            local.momento.credentials().apiKey(),
            local.momento.credentials().v2Key(),
            local.momento.credentials().sessionKey())) {
      assertThat(send("GET", ITEM, key).statusCode()).isEqualTo(404);
      String parameter = "&token=" + key.replace("+", "%2B").replace("=", "%3D");
      assertThat(send("GET", ITEM + parameter, "").statusCode()).isEqualTo(404);
      assertThat(send("GET", ITEM + parameter, key).statusCode()).isEqualTo(400);
    }
    assertThat(send("GET", ITEM, "").statusCode()).isEqualTo(401);
    assertThat(send("GET", ITEM + "&token=unknown", "").statusCode()).isEqualTo(401);
  }

  @Test
  void an_endpoint_is_allowed_by_exactly_what_permits_it() throws Exception {
    for (Map.Entry<PermissionsType, List<Endpoint>> grant : grants().entrySet()) {
      String token = local.mint(Grants.of(grant.getKey()));
      for (Endpoint endpoint : Endpoint.values()) {
        // The key has an item or not, as the calls before left it: a denial does not depend on it.
        int status = send(endpoint.method, endpoint.path, token, endpoint.body()).statusCode();
        boolean permitted = grant.getValue().contains(endpoint);
        assertThat(status)
            .as("%s with %s", endpoint, grant.getKey())
            .isIn(permitted ? List.of(endpoint.permitted, 200) : List.of(403));
      }
    }
  }

  @Test
  void credential_comes_before_permission_and_permission_before_cache_and_cache_before_arguments()
      throws Exception {
    String none = local.mint(Grants.of(Grants.cache(CacheRole.CachePermitNone, "gone")));
    for (Endpoint endpoint : Endpoint.values()) {
      String gone = endpoint.path.replace("default-cache", "gone");
      assertThat(send(endpoint.method, gone, "unknown").statusCode()).isEqualTo(401);
      assertThat(send(endpoint.method, gone, none).statusCode()).isEqualTo(403);
      assertThat(send(endpoint.method, gone, local.apiKey()).statusCode()).isEqualTo(404);
    }
    for (String bad :
        List.of("", "?key=a&key=b", "?key=a&key_base64=YQ", "?key_base64=*", "?key=a")) {
      assertThat(send("PUT", "/cache/gone" + bad, none).statusCode()).isEqualTo(403);
      assertThat(send("PUT", "/cache/gone" + bad, local.apiKey()).statusCode()).isEqualTo(404);
      assertThat(send("PUT", "/cache/default-cache" + bad, local.apiKey()).statusCode())
          .as(bad)
          .isEqualTo(400);
    }
    for (String ttl : List.of("0", "-1", "1.5", "x", "")) {
      assertThat(send("PUT", ITEM + "&ttl_seconds=" + ttl, local.apiKey()).statusCode())
          .as(ttl)
          .isEqualTo(400);
    }
  }

  @Test
  void a_value_over_the_limit_is_refused_as_through_an_sdk() throws Exception {
    String large = "x".repeat(5 * 1024 * 1024 + 1);
    assertThat(send("PUT", ITEM + "&ttl_seconds=1", local.apiKey(), large).statusCode())
        .isEqualTo(429);
    assertThat(send("PUT", ITEM + "&ttl_seconds=1", "unknown", large).statusCode()).isEqualTo(401);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a;b", "%3B", "a%3Bb", "a+b", "a%2Fb", "%C3%A9", "a%26b%3Dc", "%25"})
  void names_are_decoded_as_clients_encode_them(String encoded) throws Exception {
    String key = local.apiKey();
    String path = URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8);
    String query = URLDecoder.decode(encoded, StandardCharsets.UTF_8);
    String item = "/cache/default-cache?ttl_seconds=60&key=" + encoded;
    assertThat(send("PUT", item, key, "meow").statusCode()).isEqualTo(204);
    assertThat(local.get(key, CACHE, query).getCacheBody().toStringUtf8()).isEqualTo("meow");
    local.momento.createCache(path);
    String another = "/cache/" + encoded + "?ttl_seconds=60&key=key";
    assertThat(send("PUT", another, key, "value").statusCode()).isEqualTo(204);
    assertThat(send("GET", another, key).body()).isEqualTo("value");
    assertThat(send("POST", "/topics/default-cache/" + encoded, key, "meow").statusCode())
        .isEqualTo(204);
    TestStream stream = local.subscribe(key, CACHE, path, 1, 0).heartbeat();
    assertThat(stream.texts(1)).containsExactly("meow");
    stream.cancel();
    local.awaitSubscriptions(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/cache/default-cache?ttl_seconds=60&key=%FF",
        "/cache/default-cache?ttl_seconds=60&key=%C3",
        "/cache/default-cache?ttl_seconds=60&key=%ED%A0%80",
        "/cache/default-cache?ttl_seconds=60&key=a&%FF=1",
        "/cache/%FF?ttl_seconds=60&key=a",
        "/topics/%FF/topic",
        "/topics/default-cache/%FE"
      })
  void an_address_that_is_not_utf_8_is_rejected(String path) throws Exception {
    String method = path.startsWith("/cache") ? "PUT" : "POST";
    assertThat(send(method, path, local.apiKey(), "meow").statusCode()).isEqualTo(400);
    assertThat(send("GET", path, local.apiKey()).statusCode()).isEqualTo(400);
  }

  @Test
  void a_path_with_too_few_or_too_many_parts_does_not_exist() throws Exception {
    for (String path : List.of("/cache/a/b", "/topics/a", "/topics/a/b/c", "/topics/")) {
      assertThat(send("GET", path, local.apiKey()).statusCode()).as(path).isEqualTo(404);
    }
  }

  @Test
  void a_text_that_is_not_utf_8_is_rejected_with_the_way_to_send_it() throws Exception {
    HttpRequest.Builder bytes =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + local.server.port() + TOPIC))
            .POST(BodyPublishers.ofByteArray(new byte[] {(byte) 0xff}))
            .header("authorization", local.apiKey());
    HttpResponse<String> rejected = http.send(bytes.build(), BodyHandlers.ofString());
    assertThat(rejected.statusCode()).isEqualTo(400);
    assertThat(rejected.body()).contains("UTF-8", "application/octet-stream");
    bytes.header("content-type", "application/octet-stream");
    assertThat(http.send(bytes.build(), BodyHandlers.discarding()).statusCode()).isEqualTo(204);
  }

  /** Threat T20: a page from elsewhere uses what runs on the developer's machine. */
  @Test
  @Tag("T20")
  void pages_of_other_sites_are_rejected() throws Exception {
    for (Endpoint endpoint : Endpoint.values()) {
      for (List<String> header :
          List.of(
              List.of("origin", "https://evil.test"), List.of("sec-fetch-site", "cross-site"))) {
        HttpRequest request =
            request(endpoint.method, endpoint.path, "")
                .header("authorization", local.apiKey())
                .header(header.get(0), header.get(1))
                .build();
        assertThat(http.send(request, BodyHandlers.discarding()).statusCode()).isEqualTo(403);
      }
    }
  }

  /** Returns statements, and the endpoints that each permits. */
  private static Map<PermissionsType, List<Endpoint>> grants() {
    Map<PermissionsType, List<Endpoint>> grants = new LinkedHashMap<>();
    for (CacheRole role : CacheRole.values()) {
      if (role == CacheRole.UNRECOGNIZED) {
        continue;
      }
      boolean reads = role == CacheRole.CacheReadWrite || role == CacheRole.CacheReadOnly;
      boolean writes = role == CacheRole.CacheReadWrite || role == CacheRole.CacheWriteOnly;
      List<Endpoint> permitted = permitted(false, reads, writes);
      grants.put(Grants.cache(role, CACHE), permitted);
      grants.put(Grants.key(role, CACHE, "pet-cat"), permitted);
      grants.put(Grants.prefix(role, CACHE, "pet"), permitted);
      grants.put(Grants.cache(role, "another"), List.of());
      grants.put(Grants.key(role, CACHE, "pet"), List.of());
      grants.put(Grants.prefix(role, CACHE, "Pet"), List.of());
    }
    for (TopicRole role : TopicRole.values()) {
      if (role == TopicRole.UNRECOGNIZED) {
        continue;
      }
      boolean reads = role == TopicRole.TopicReadWrite || role == TopicRole.TopicReadOnly;
      boolean writes = role == TopicRole.TopicReadWrite || role == TopicRole.TopicWriteOnly;
      grants.put(Grants.topics(role, CACHE), permitted(true, reads, writes));
      grants.put(Grants.topics(role, "another"), List.of());
    }
    grants.put(Grants.functions(), List.of());
    return grants;
  }

  private static List<Endpoint> permitted(boolean onTopic, boolean reads, boolean writes) {
    List<Endpoint> permitted = new ArrayList<>();
    for (Endpoint endpoint : Endpoint.values()) {
      if (endpoint.onTopic == onTopic && (endpoint.reads ? reads : writes)) {
        permitted.add(endpoint);
      }
    }
    return permitted;
  }

  private HttpResponse<String> send(String method, String path, String key) throws Exception {
    return send(method, path, key, "");
  }

  private HttpResponse<String> send(String method, String path, String key, String body)
      throws Exception {
    HttpRequest.Builder request = request(method, path, body);
    if (!key.isEmpty()) {
      request.header("authorization", key);
    }
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String method, String path, String body) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + local.server.port() + path))
        .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
  }

  private static String base64Url(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
