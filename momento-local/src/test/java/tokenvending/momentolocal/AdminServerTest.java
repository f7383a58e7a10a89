package tokenvending.momentolocal;

import static org.assertj.core.api.Assertions.assertThat;
import static tokenvending.momentolocal.Local.CACHE;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tokenvending.momentolocal.wire.CacheRole;
import tokenvending.momentolocal.wire._DictionaryFetchRequest;
import tokenvending.momentolocal.wire._GetRequest;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AdminServerTest {

  private static final String ITEMS =
      """
      {"caches":{"default-cache":[\
      {"key":"a","ttlMilliseconds":60000,"value":"text"},\
      {"key":{"base64":"AP8="},"ttlMilliseconds":60000,"value":{"base64":"/w=="}},\
      {"key":"b","ttlMilliseconds":60000,"dictionary":[{"field":"f","value":"v"}]},\
      {"key":"c","ttlMilliseconds":60000,"set":["x","y"]},\
      {"key":"d","ttlMilliseconds":60000,"list":["x","x"]},\
      {"key":"e","ttlMilliseconds":60000,"sortedSet":[{"value":"x","score":-1.5},\
      {"value":"y","score":"Infinity"}]}],\
      "second":[]}}\
      """;

  private final AdjustableClock clock = new AdjustableClock(new SettableClock());
  private final Local local = Local.start(options -> options.withClock(clock));
  private final AdminServer admin = AdminServer.start(local.momento, local.server, clock, 0);
  private final HttpClient http = HttpClient.newHttpClient();

  @AfterAll
  void stop() {
    admin.close();
    local.close();
  }

  @Test
  void what_is_seeded_is_served_and_exported_as_it_was() throws Exception {
    assertThat(post("/seed", ITEMS).statusCode()).isEqualTo(200);
    assertThat(local.get(local.apiKey(), CACHE, "a").getCacheBody().toStringUtf8())
        .isEqualTo("text");
    assertThat(
            local
                .scs(local.apiKey(), CACHE)
                .dictionaryFetch(
                    _DictionaryFetchRequest.newBuilder()
                        .setDictionaryName(ByteString.copyFromUtf8("b"))
                        .build())
                .getFound()
                .getItems(0)
                .getValue()
                .toStringUtf8())
        .isEqualTo("v");
    assertThat(post("/reset", "").statusCode()).isEqualTo(200);
    assertThat(get("/export").body()).isEqualTo("{\"caches\":{\"default-cache\":[]}}");
    assertThat(post("/seed", ITEMS).statusCode()).isEqualTo(200);
    assertThat(get("/export").body()).isEqualTo(ITEMS);
    assertThat(post("/seed", ITEMS.replace("text", "other")).statusCode()).isEqualTo(200);
    assertThat(local.get(local.apiKey(), CACHE, "a").getCacheBody().toStringUtf8())
        .isEqualTo("other");
  }

  /** Returns JSON and a part of the message, which names the place. */
  private static List<Arguments> flaws() {
    return List.of(
        Arguments.of("", "line 1, column 1: expected an object"),
        Arguments.of("{", "line 1, column 2: not valid JSON"),
        Arguments.of("{\n \"caches\":!}", "line 2, column 11: not valid JSON"),
        Arguments.of("[]", "line 1, column 2: expected an object"),
        Arguments.of("{}", "caches is missing"),
        Arguments.of("{\"caches\":[]}", "/caches"),
        Arguments.of("{\"caches\":{\"c\":{}}}", "/caches/c"),
        Arguments.of("{\"caches\":{},\"more\":1}", "/more: no such name"),
        Arguments.of("{\"caches\":{}}{}", "expected the end"),
        Arguments.of("{\"caches\":{\"\":[]}}", "a cache needs a name"),
        Arguments.of("{\"caches\":{\"c\":[1]}}", "/caches/c/0: expected an object"),
        Arguments.of("{\"caches\":{\"c\":[{\"value\":\"v\"}]}}", "/caches/c/0: key is missing"),
        Arguments.of(
            "{\"caches\":{\"c\":[{\"key\":\"k\"}]}}", "/caches/c/0: an item needs one of value"),
        Arguments.of(
            "{\"caches\":{\"c\":[{\"key\":1,\"value\":\"v\"}]}}",
            "/caches/c/0/key: expected a text"),
        Arguments.of(
            "{\"caches\":{\"c\":[{\"key\":{\"base64\":\"?\"},\"value\":\"v\"}]}}",
            "/caches/c/0/key/base64: not base64"),
        Arguments.of(
            "{\"caches\":{\"c\":[{\"key\":{},\"value\":\"v\"}]}}",
            "/caches/c/0/key: base64 is missing"),
        Arguments.of(
            "{\"caches\":{\"c\":[{\"key\":\"\\ud800\",\"value\":\"v\"}]}}",
            "/caches/c/0/key: half a surrogate pair"),
        Arguments.of(
            "{\"caches\":{\"c\":[{\"key\":\"k\",\"value\":\"v\",\"set\":[]}]}}",
            "/caches/c/0/set: an item has one of"),
        Arguments.of(
            "{\"caches\":{\"c\":[{\"key\":\"k\",\"key\":\"k\",\"set\":[]}]}}",
            "/caches/c/0/key: a second time"),
        Arguments.of(
            "{\"caches\":{\"c\":[{\"key\":\"k\",\"value\":\"v\",\"ttlMilliseconds\":0}]}}",
            "/caches/c/0/ttlMilliseconds: expected a positive"),
        Arguments.of(
            "{\"caches\":{\"c\":[{\"key\":\"k\",\"value\":\"v\",\"ttlMilliseconds\":-1}]}}",
            "/caches/c/0/ttlMilliseconds: expected a positive"),
        Arguments.of(
            "{\"caches\":{\"c\":[{\"key\":\"k\",\"value\":\"v\",\"ttlMilliseconds\":1.5}]}}",
            "/caches/c/0/ttlMilliseconds: expected a positive"),
        Arguments.of(
            "{\"caches\":{\"c\":[{\"key\":\"k\",\"value\":\"v\",\"ttlMilliseconds\":9223372036854775808}]}}",
            "/caches/c/0/ttlMilliseconds: expected a positive"),
        Arguments.of(
            "{\"caches\":{\"c\":[{\"key\":\"k\",\"dictionary\":[{\"field\":\"f\"}]}]}}",
            "/caches/c/0/dictionary/0: value is missing"),
        Arguments.of(
            "{\"caches\":{\"c\":[{\"key\":\"k\",\"sortedSet\":[{\"value\":\"v\",\"score\":\"1\"}]}]}}",
            "/caches/c/0/sortedSet/0/score: expected a number"),
        Arguments.of(
            "{\"caches\":{\"c\":[{\"key\":\"k\",\"sortedSet\":[{\"value\":\"v\",\"score\":1e999}]}]}}",
            "/caches/c/0/sortedSet/0/score: expected a number"),
        Arguments.of("{\"caches\":{\"c\":[],\"c\":[]}}", "/caches/c: a second time"));
  }

  @ParameterizedTest
  @MethodSource("flaws")
  void a_snapshot_that_is_not_valid_is_rejected_with_the_place(String json, String message)
      throws Exception {
    HttpResponse<String> response = post("/seed", json);
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).startsWith("line ").contains(message);
    assertThat(response.headers().firstValue("x-content-type-options")).contains("nosniff");
    assertThat(get("/export").body()).doesNotContain("\"k\"");
  }

  @Test
  void a_snapshot_over_a_limit_is_rejected_without_keeping_all_of_it() throws Exception {
    String elements = "\"\",".repeat(262_144) + "\"\"";
    assertThat(post("/seed", "{\"caches\":{\"c\":[{\"list\":[" + elements + "]}]}}").body())
        .contains("/caches/c/0/list/262144: more than 262144 elements");
    String many =
        IntStream.range(0, 1_001)
            .mapToObj(i -> "\"" + i + "\":[]")
            .collect(Collectors.joining(",", "{\"caches\":{", "}}"));
    assertThat(post("/seed", many).body()).contains("/caches/1000: more than 1000 caches");
    String most = many.replace(",\"1000\":[]", "");
    assertThat(post("/seed", most).body()).contains("there are 1000 caches already");
    assertThat(post("/reset", "").statusCode()).isEqualTo(200);
  }

  @Test
  void items_and_tokens_expire_when_the_clock_is_set_forward() throws Exception {
    local.set(local.apiKey(), CACHE, "key");
    String token = local.mint(Grants.of(Grants.cache(CacheRole.CacheReadOnly, CACHE)));
    assertThat(local.get(token, CACHE, "key").getResultValue()).isEqualTo(2);
    assertThat(post("/advance?milliseconds=60000", "").statusCode()).isEqualTo(200);
    assertThat(local.get(local.apiKey(), CACHE, "key").getResultValue()).isEqualTo(3);
    assertThat(Local.code(() -> local.get(token, CACHE, "key")))
        .isEqualTo(Status.Code.UNAUTHENTICATED);
    for (String bad : List.of("", "?milliseconds=", "?milliseconds=-1", "?milliseconds=x")) {
      assertThat(post("/advance" + bad, "").statusCode()).as(bad).isEqualTo(400);
    }
    assertThat(post("/advance?milliseconds=999999999999999", "").statusCode()).isEqualTo(400);
  }

  @Test
  void blocking_closes_connections_until_it_is_undone() throws Exception {
    TestStream stream = local.subscribe(local.apiKey(), CACHE, "topic").heartbeat();
    assertThat(get("/block").statusCode()).isEqualTo(200);
    assertThat(stream.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(Local.code(() -> local.get(local.apiKey(), CACHE, "key")))
        .isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(get("/healthz").statusCode()).isEqualTo(200);
    assertThat(get("/unblock").statusCode()).isEqualTo(200);
    assertThat(
            local
                .scs(local.apiKey(), CACHE)
                .withWaitForReady()
                .get(_GetRequest.getDefaultInstance())
                .getResultValue())
        .isEqualTo(3);
    local.awaitSubscriptions(0);
  }

  /** Threat T20: a page from elsewhere uses what runs on the developer's machine. */
  @Test
  @Tag("T20")
  void pages_of_other_sites_change_nothing_and_read_nothing() throws Exception {
    local.set(local.apiKey(), CACHE, "key");
    String before = get("/export").body();
    for (String path :
        List.of("/block", "/unblock", "/reset", "/seed", "/advance?milliseconds=1", "/export")) {
      for (List<String> header :
          List.of(
              List.of("origin", "https://evil.test"),
              List.of("origin", "null"),
              List.of("sec-fetch-site", "cross-site"),
              List.of("sec-fetch-site", "same-site"))) {
        for (String method : List.of("GET", "POST")) {
          HttpRequest request =
              request(path)
                  .method(method, BodyPublishers.noBody())
                  .header(header.get(0), header.get(1))
                  .build();
          HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
          assertThat(response.statusCode()).as("%s %s", path, header).isEqualTo(403);
          assertThat(response.body()).doesNotContain("caches");
        }
      }
    }
    for (String path : List.of("/reset", "/seed", "/advance?milliseconds=1")) {
      assertThat(get(path).statusCode()).as("GET %s", path).isGreaterThanOrEqualTo(400);
    }
    assertThat(get("/export").body()).isEqualTo(before);
  }

  private HttpResponse<String> get(String path) throws Exception {
    return http.send(request(path).build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    return http.send(
        request(path).POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin.port() + path));
  }
}
