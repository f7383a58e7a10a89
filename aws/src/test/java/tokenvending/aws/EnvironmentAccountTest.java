package tokenvending.aws;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.aws.Account.Credentials;

final class EnvironmentAccountTest {
  private static final Map<String, String> ALL =
      Map.of(
          "AWS_REGION", "us-west-2",
          "AWS_ACCESS_KEY_ID", "AKIDEXAMPLE",
          "AWS_SECRET_ACCESS_KEY", "example",
          "AWS_SESSION_TOKEN", "session");

  @Test
  void environment_tells_all() {
    assertThat(EnvironmentAccount.find(in(ALL)))
        .contains(
            new EnvironmentAccount(
                "us-west-2", new Credentials("AKIDEXAMPLE", "example", Optional.of("session"))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"})
  void who_is_told_a_part_looks_elsewhere(String missing) {
    Map<String, String> part = new HashMap<>(ALL);
    part.remove(missing);
    assertThat(EnvironmentAccount.find(in(part))).isEmpty();
  }

  @Test
  void credentials_of_ones_own_have_no_session() throws IOException {
    Map<String, String> own = new HashMap<>(ALL);
    own.remove("AWS_SESSION_TOKEN");
    assertThat(EnvironmentAccount.find(in(own)).orElseThrow().credentials().session()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"aws.accessKeyId", "aws.secretAccessKey", "aws.sessionToken"})
  void credentials_are_never_put_together_from_two_places(String property) {
    assertThat(EnvironmentAccount.find(in(ALL, Map.of(property, "another")))).isEmpty();
  }

  @Test
  void region_may_be_told_by_a_property() {
    assertThat(EnvironmentAccount.find(in(ALL, Map.of("aws.region", "eu-west-1"))))
        .hasValueSatisfying(account -> assertThat(account.region()).isEqualTo("eu-west-1"));
  }

  private static AwsSettings in(Map<String, String> environment) {
    return in(environment, Map.of());
  }

  private static AwsSettings in(Map<String, String> environment, Map<String, String> properties) {
    return new AwsSettings(
        name -> Optional.ofNullable(properties.get(name)),
        name -> Optional.ofNullable(environment.get(name)));
  }
}
