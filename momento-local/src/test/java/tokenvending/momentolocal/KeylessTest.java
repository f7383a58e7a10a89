package tokenvending.momentolocal;

import static org.assertj.core.api.Assertions.assertThat;
import static tokenvending.momentolocal.Local.CACHE;
import static tokenvending.momentolocal.Local.code;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tokenvending.momentolocal.wire.CacheRole;
import tokenvending.momentolocal.wire._CreateCacheRequest;
import tokenvending.momentolocal.wire._GetRequest;
import tokenvending.momentolocal.wire._ListCachesRequest;

class KeylessTest {

  @Test
  void an_empty_key_has_full_access_with_the_option_and_a_token_has_only_its_own() {
    try (Local local = Local.start(options -> options.withKeyless(true))) {
      var _ =
          local.control("").createCache(_CreateCacheRequest.newBuilder().setCacheName("c").build());
      local.set("", "c", "key");
      String token =
          local
              .token()
              .generateDisposableToken(
                  Local.request("", 60, Grants.of(Grants.cache(CacheRole.CacheReadOnly, "c")))
                      .build())
              .getApiKey();
      assertThat(local.get(token, "c", "key").getResultValue()).isEqualTo(2);
      assertThat(code(() -> local.set(token, "c", "key"))).isEqualTo(Status.Code.PERMISSION_DENIED);
      assertThat(code(() -> local.get("unknown", "c", "key")))
          .isEqualTo(Status.Code.UNAUTHENTICATED);
    }
  }

  @Test
  void an_empty_key_is_refused_without_the_option_and_the_refusal_names_it() {
    try (Local local = Local.start()) {
      Status refused = Local.status(() -> local.get("", CACHE, "key"));
      assertThat(refused.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
      assertThat(refused.getDescription()).contains("--keyless");
    }
  }

  @Test
  void a_keyless_port_shares_the_caches_of_the_other_one_and_only_it_accepts_an_empty_key()
      throws Exception {
    try (Local local =
        Local.start(options -> options.withAllowedOrigins(Set.of("https://app.test")))) {
      LocalServer keyless = LocalServer.startKeyless(local.momento, 0);
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", keyless.port()).usePlaintext().build();
      try {
        local.set(local.apiKey(), CACHE, "key");
        assertThat(
                Local.scs(channel, "", CACHE)
                    .get(
                        _GetRequest.newBuilder()
                            .setCacheKey(ByteString.copyFromUtf8("key"))
                            .build())
                    .getResultValue())
            .isEqualTo(2);
        assertThat(code(() -> local.get("", CACHE, "key"))).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(
                code(() -> local.control("").listCaches(_ListCachesRequest.getDefaultInstance())))
            .isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(
                HttpClient.newHttpClient()
                    .send(
                        HttpRequest.newBuilder(
                                URI.create("http://127.0.0.1:" + keyless.port() + "/"))
                            .header("origin", "https://app.test")
                            .build(),
                        BodyHandlers.discarding())
                    .statusCode())
            .as("the origins that the other port allows")
            .isEqualTo(403);
      } finally {
        channel.shutdownNow();
        var _ = keyless.stop();
      }
    }
  }
}
