package tokenvending.momentolocal;

import static org.assertj.core.api.Assertions.assertThat;
import static tokenvending.momentolocal.Local.CACHE;
import static tokenvending.momentolocal.Local.code;
import static tokenvending.momentolocal.Local.request;

import io.grpc.Metadata;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tokenvending.momentolocal.wire.CacheRole;
import tokenvending.momentolocal.wire.Permissions;
import tokenvending.momentolocal.wire._CreateCacheRequest;
import tokenvending.momentolocal.wire._DeleteCacheRequest;
import tokenvending.momentolocal.wire._GenerateApiTokenRequest;
import tokenvending.momentolocal.wire._GenerateApiTokenResponse;
import tokenvending.momentolocal.wire._ListCachesRequest;
import tokenvending.momentolocal.wire._RefreshApiTokenRequest;
import tokenvending.momentolocal.wire._RefreshApiTokenResponse;

class ApiKeysTest {

  private final Local local = Local.start();

  @AfterEach
  void stop() {
    local.close();
  }

  private static _GenerateApiTokenRequest.Builder forever(String key, Permissions permissions) {
    return _GenerateApiTokenRequest.newBuilder()
        .setAuthToken(key)
        .setPermissions(permissions)
        .setNever(_GenerateApiTokenRequest.Never.getDefaultInstance());
  }

  private static _GenerateApiTokenRequest.Builder expiring(
      String key, Permissions permissions, int seconds) {
    return forever(key, permissions)
        .setExpires(_GenerateApiTokenRequest.Expires.newBuilder().setValidForSeconds(seconds));
  }

  private String session() {
    return local.momento.credentials().sessionKey();
  }

  @Test
  void the_v1_form_holds_endpoint_and_raw_key() {
    LocalCredentials credentials = local.momento.credentials();
    String json =
        new String(Base64.getDecoder().decode(credentials.apiKey()), StandardCharsets.UTF_8);
    assertThat(json)
        .isEqualTo("{\"endpoint\":\"localhost\",\"api_key\":\"" + credentials.rawApiKey() + "\"}");
    String claims = credentials.v2Key().split("\\.", -1)[1];
    assertThat(new String(Base64.getUrlDecoder().decode(claims), StandardCharsets.UTF_8))
        .contains("\"t\":\"g\"");
    assertThat(credentials.toString()).doesNotContain(credentials.rawApiKey());
  }

  @Test
  void keys_can_be_given() {
    PresetKeys given = new PresetKeys(Optional.of("a\"b\\c"), Optional.of("v2"), Optional.of("s"));
    try (Local own = Local.start(o -> o.withGivenKeys(given))) {
      for (String key : List.of("a\"b\\c", "v2", "s")) {
        assertThat(own.get(key, CACHE, "item").getResultValue()).isEqualTo(3);
      }
      assertThat(
              new String(
                  Base64.getDecoder().decode(own.momento.credentials().apiKey()),
                  StandardCharsets.UTF_8))
          .contains("\"api_key\":\"a\\\"b\\\\c\"");
    }
  }

  @Test
  void every_standing_key_rules_caches_and_mints() {
    LocalCredentials credentials = local.momento.credentials();
    for (String key : List.of(credentials.rawApiKey(), credentials.v2Key(), session())) {
      var control = local.control(key);
      var _ = control.createCache(_CreateCacheRequest.newBuilder().setCacheName("mine").build());
      assertThat(
              code(
                  () ->
                      control.createCache(
                          _CreateCacheRequest.newBuilder().setCacheName("mine").build())))
          .isEqualTo(Status.Code.ALREADY_EXISTS);
      assertThat(control.listCaches(_ListCachesRequest.getDefaultInstance()).getCacheList())
          .extracting(c -> c.getCacheName())
          .containsExactly(CACHE, "mine");
      var _ = control.deleteCache(_DeleteCacheRequest.newBuilder().setCacheName("mine").build());
      assertThat(
              code(
                  () ->
                      control.deleteCache(
                          _DeleteCacheRequest.newBuilder().setCacheName("mine").build())))
          .isEqualTo(Status.Code.NOT_FOUND);
      assertThat(
              local
                  .token()
                  .generateDisposableToken(request(key, 60, Grants.allDataReadWrite()).build())
                  .getApiKey())
          .startsWith("local.");
    }
  }

  @Test
  void the_key_may_also_come_in_the_header() {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), local.apiKey());
    assertThat(
            local
                .token()
                .withInterceptors(io.grpc.stub.MetadataUtils.newAttachHeadersInterceptor(headers))
                .generateDisposableToken(request("", 60, Grants.allDataReadWrite()).build())
                .getApiKey())
        .startsWith("local.");
  }

  @Test
  void only_a_session_mints_super_user_keys() {
    for (String key : List.of(local.apiKey(), local.momento.credentials().v2Key())) {
      Status refused =
          Local.status(
              () -> local.auth().generateApiToken(forever(key, Grants.superUser()).build()));
      assertThat(refused.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
      assertThat(refused.getDescription()).contains("Insufficient permissions");
    }
    _GenerateApiTokenResponse superUser =
        local.auth().generateApiToken(forever(session(), Grants.superUser()).build());
    assertThat(superUser.getValidUntil()).isZero();
    String key = superUser.getApiKey();
    local.set(key, CACHE, "item");
    assertThat(
            local.control(key).listCaches(_ListCachesRequest.getDefaultInstance()).getCacheCount())
        .isEqualTo(1);
    assertThat(
            local
                .auth()
                .generateApiToken(forever(key, Grants.allDataReadWrite()).build())
                .getApiKey())
        .isNotEmpty();
    assertThat(code(() -> local.auth().generateApiToken(forever(key, Grants.superUser()).build())))
        .isEqualTo(Status.Code.PERMISSION_DENIED);
  }

  @Test
  void a_data_key_mints_nothing() {
    String data =
        local
            .auth()
            .generateApiToken(forever(local.apiKey(), Grants.allDataReadWrite()).build())
            .getApiKey();
    local.set(data, CACHE, "item");
    assertThat(
            code(
                () ->
                    local
                        .auth()
                        .generateApiToken(forever(data, Grants.allDataReadWrite()).build())))
        .isEqualTo(Status.Code.PERMISSION_DENIED);
  }

  @Test
  void empty_and_doubled_scopes_and_missing_expiries_are_refused() {
    var readOnly = Grants.cache(CacheRole.CacheReadOnly, CACHE);
    for (_GenerateApiTokenRequest.Builder bad :
        List.of(
            forever(local.apiKey(), Grants.of()),
            forever(local.apiKey(), Grants.of(readOnly, readOnly)),
            forever(local.apiKey(), Grants.of(readOnly)).clearExpiry(),
            expiring(local.apiKey(), Grants.of(readOnly), 0))) {
      assertThat(code(() -> local.auth().generateApiToken(bad.build())))
          .isEqualTo(Status.Code.INVALID_ARGUMENT);
    }
  }

  @Test
  void a_refreshed_key_is_another_with_the_same_life_from_now() {
    _GenerateApiTokenResponse first =
        local
            .auth()
            .generateApiToken(expiring(local.apiKey(), Grants.allDataReadWrite(), 100_000).build());
    local.clock.advance(Duration.ofSeconds(5));
    _RefreshApiTokenResponse second =
        local
            .auth()
            .refreshApiToken(
                _RefreshApiTokenRequest.newBuilder()
                    .setApiKey(first.getApiKey())
                    .setRefreshToken(first.getRefreshToken())
                    .build());
    assertThat(second.getApiKey()).isNotEqualTo(first.getApiKey());
    assertThat(second.getValidUntil() - first.getValidUntil()).isEqualTo(5);
    assertThat(second.getEndpoint()).isEqualTo("localhost");
    local.set(second.getApiKey(), CACHE, "item");
  }

  @Test
  void refreshing_takes_the_pair_and_a_key_that_lives() {
    _GenerateApiTokenResponse one =
        local
            .auth()
            .generateApiToken(expiring(local.apiKey(), Grants.allDataReadWrite(), 60).build());
    _GenerateApiTokenResponse other =
        local
            .auth()
            .generateApiToken(expiring(local.apiKey(), Grants.allDataReadWrite(), 60).build());
    assertThat(refreshCode(one.getApiKey(), other.getRefreshToken()))
        .isEqualTo(Status.Code.UNAUTHENTICATED);
    assertThat(refreshCode(one.getApiKey(), one.getApiKey()))
        .isEqualTo(Status.Code.UNAUTHENTICATED);
    assertThat(refreshCode(local.apiKey(), one.getRefreshToken()))
        .isEqualTo(Status.Code.UNAUTHENTICATED);
    assertThat(code(() -> local.get(one.getRefreshToken(), CACHE, "item")))
        .isEqualTo(Status.Code.UNAUTHENTICATED);
    local.clock.advance(Duration.ofSeconds(60));
    assertThat(refreshCode(one.getApiKey(), one.getRefreshToken()))
        .isEqualTo(Status.Code.UNAUTHENTICATED);
  }

  private Status.Code refreshCode(String key, String refreshToken) {
    return code(
        () ->
            local
                .auth()
                .refreshApiToken(
                    _RefreshApiTokenRequest.newBuilder()
                        .setApiKey(key)
                        .setRefreshToken(refreshToken)
                        .build()));
  }

  @Test
  void five_auth_operations_a_second_are_let_through() {
    AtomicLong nanos = new AtomicLong();
    try (Local limited =
        Local.start(o -> o.withAuthOperationsPerSecond(5).withNanoTime(nanos::get))) {
      Permissions all = Grants.allDataReadWrite();
      String token = limited.mint(all);
      // Neither strangers nor the holders of tokens use up the rate.
      for (int i = 0; i < 20; i++) {
        assertThat(
                code(
                    () ->
                        limited
                            .token()
                            .generateDisposableToken(request("stranger", 60, all).build())))
            .isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(
                code(
                    () -> limited.token().generateDisposableToken(request(token, 60, all).build())))
            .isEqualTo(Status.Code.PERMISSION_DENIED);
      }
      for (int i = 0; i < 3; i++) {
        assertThat(limited.mint(all)).isNotEmpty();
      }
      // Both services count together.
      assertThat(
              limited.auth().generateApiToken(forever(limited.apiKey(), all).build()).getApiKey())
          .isNotEmpty();
      io.grpc.StatusRuntimeException refused =
          org.assertj.core.api.Assertions.catchThrowableOfType(
              io.grpc.StatusRuntimeException.class, () -> limited.mint(all));
      assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      assertThat(refused.getStatus().getDescription()).contains("operations");
      Metadata trailers = refused.getTrailers();
      assertThat(trailers).isNotNull();
      if (trailers != null) {
        assertThat(trailers.get(Metadata.Key.of("err", Metadata.ASCII_STRING_MARSHALLER)))
            .isEqualTo("operations_rate_limit_exceeded");
      }
      nanos.addAndGet(1_000_000_000);
      assertThat(limited.mint(all)).isNotEmpty();
    }
  }
}
