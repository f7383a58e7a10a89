package tokenvending.aws;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.AwsSessionCredentialsIdentity;
import tokenvending.aws.Account.Credentials;

/** AWS's own signer is the judge. */
final class SignatureTest {
  @Test
  void a_request_is_signed_as_the_sdk_signs_it() {
    Random random = new Random(20261124);
    for (int i = 0; i < 200; i++) {
      byte[] body = new byte[random.nextInt(2_000)];
      random.nextBytes(body);
      Optional<String> session =
          random.nextBoolean() ? Optional.of("session" + random.nextLong()) : Optional.empty();
      Credentials credentials =
          new Credentials("AKID" + random.nextInt(), "secret/+" + random.nextLong(), session);
      String host = random.nextBoolean() ? "dynamodb.us-west-2.amazonaws.com" : "127.0.0.1:8000";
      Map<String, String> headers =
          Map.of(
              "Content-Type",
              "application/x-amz-json-1.0",
              "X-Amz-Target",
              "DynamoDB_20120810.Operation" + random.nextInt(100),
              "Host",
              host);
      Instant now = Instant.ofEpochSecond(1_700_000_000L + random.nextInt(500_000_000));

      Map<String, String> added =
          Signature.sign(credentials, "us-west-2", "dynamodb", headers, body, now);

      assertThat(added).isEqualTo(bySdk(credentials, headers, host, body, now));
    }
  }

  private static Map<String, String> bySdk(
      Credentials credentials, Map<String, String> headers, String host, byte[] body, Instant now) {
    SdkHttpRequest.Builder request =
        SdkHttpRequest.builder()
            .method(SdkHttpMethod.POST)
            .uri(URI.create((host.contains(":") ? "http://" : "https://") + host + "/"));
    headers.forEach(
        (name, value) -> {
          if (!name.equals("Host")) {
            request.putHeader(name, value);
          }
        });
    AwsCredentialsIdentity identity =
        credentials
            .session()
            .<AwsCredentialsIdentity>map(
                session ->
                    AwsSessionCredentialsIdentity.create(
                        credentials.id(), credentials.secret(), session))
            .orElseGet(() -> AwsCredentialsIdentity.create(credentials.id(), credentials.secret()));
    SdkHttpRequest signed =
        AwsV4HttpSigner.create()
            .sign(
                sign ->
                    sign.identity(identity)
                        .request(request.build())
                        .payload(() -> new ByteArrayInputStream(body))
                        .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "dynamodb")
                        .putProperty(AwsV4HttpSigner.REGION_NAME, "us-west-2")
                        .putProperty(HttpSigner.SIGNING_CLOCK, Clock.fixed(now, ZoneOffset.UTC)))
            .request();
    Map<String, String> added = new HashMap<>();
    for (String name :
        List.of("Authorization", "X-Amz-Content-Sha256", "X-Amz-Date", "X-Amz-Security-Token")) {
      signed.firstMatchingHeader(name).ifPresent(value -> added.put(name, value));
    }
    return added;
  }

  @Test
  void credentials_do_not_tell_their_secret() {
    assertThat(new Credentials("AKID", "hush", Optional.of("hush")).toString())
        .doesNotContain("hush");
  }
}
