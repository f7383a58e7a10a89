package tokenvending.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tokenvending.identity.Principal;
import tokenvending.limits.Rate;
import tokenvending.policy.Decision;
import tokenvending.policy.Grant;
import tokenvending.request.VendRequest;

final class BuiltInFileTest {
  private static final Configuration BUILT_IN =
      Good.read(ConfigurationReader.read(new ConfigurationFile.BuiltIn(Path.of(""))))
          .configuration();

  private static Grant grant(Map<String, String> parameters) {
    Decision decision =
        BUILT_IN.policy().decide(Principal.anonymous(), VendRequest.of(parameters), Instant.EPOCH);
    assertThat(decision).isInstanceOf(Decision.Granted.class);
    return ((Decision.Granted) decision).grant();
  }

  @Test
  void it_vends_what_the_node_example_vends() {
    Grant grant = grant(Map.of("name", "Taylor"));

    assertThat(grant.permissions().permissions()).extracting(Object::toString).hasSize(2);
    assertThat(grant.ttl()).isEqualTo(Duration.ofHours(1));
    assertThat(grant.tokenId().orElseThrow().value()).isEqualTo("Taylor");
  }

  @Test
  void a_caller_without_a_name_gets_a_token_without_an_id() {
    assertThat(grant(Map.of()).tokenId()).isEmpty();
  }

  @Test
  void it_listens_at_loopback_and_spends_five_a_second() {
    assertThat(BUILT_IN.server().host()).isEqualTo("127.0.0.1");
    assertThat(BUILT_IN.server().port()).isEqualTo(8080);
    assertThat(BUILT_IN.momento().budget()).isEqualTo(new Rate(5, Duration.ofSeconds(1)));
    assertThat(BUILT_IN.momento().maxWait()).isEqualTo(Duration.ofSeconds(2));
  }
}
