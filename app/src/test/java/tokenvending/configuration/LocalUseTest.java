package tokenvending.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class LocalUseTest {
  private static final Map<String, String> NOTHING_SET = Map.of();
  private static final Map<String, String> KEY_SET = Map.of("MOMENTO_API_KEY", "key");

  private static final ConfigurationResult.Read BUILT_IN =
      Good.read(ConfigurationReader.read(new ConfigurationFile.BuiltIn(Path.of(""))));
  private static final ConfigurationResult.Read WITHOUT_KEY =
      Good.read(Good.parse(GoodFileTest.SMALLEST));
  private static final ConfigurationResult.Read WITH_KEY =
      Good.read(Good.parse(GoodFileTest.SMALLEST + "momento: { api-key: env:MOMENTO_API_KEY }\n"));

  private static boolean applies(
      ConfigurationResult.Read read, boolean isBuiltIn, Map<String, String> environment) {
    return LocalUse.applies(read.configuration(), isBuiltIn, environment);
  }

  private static List<String> unset(String momento, Map<String, String> environment) {
    ConfigurationResult.Read read = Good.read(Good.parse(GoodFileTest.SMALLEST + momento));
    return StartChecks.unsetVariables(read, false, environment).stream()
        .map(ConfigurationProblem::toString)
        .toList();
  }

  @Test
  void the_built_in_file_is_local_until_there_is_a_key() {
    assertThat(applies(BUILT_IN, true, NOTHING_SET)).isTrue();
    assertThat(applies(BUILT_IN, true, Map.of("MOMENTO_API_KEY", ""))).isTrue();
    assertThat(applies(BUILT_IN, true, KEY_SET)).isFalse();
    assertThat(StartChecks.unsetVariables(BUILT_IN, true, NOTHING_SET)).isEmpty();
    assertThat(StartChecks.unsetVariables(BUILT_IN, true, KEY_SET)).isEmpty();
  }

  @Test
  void a_file_without_a_key_is_local_whatever_the_environment_says() {
    assertThat(applies(WITHOUT_KEY, false, NOTHING_SET)).isTrue();
    assertThat(applies(WITHOUT_KEY, false, KEY_SET)).isTrue();
  }

  @Test
  void a_file_with_a_key_is_never_local_and_an_unset_one_is_an_error() {
    assertThat(applies(WITH_KEY, false, NOTHING_SET)).isFalse();
    assertThat(applies(WITH_KEY, false, KEY_SET)).isFalse();
    assertThat(unset("momento: { api-key: env:MOMENTO_API_KEY }\n", NOTHING_SET))
        .containsExactly(
            "tvm.yaml:7: momento.api-key: the environment variable MOMENTO_API_KEY is not set");
    assertThat(unset("momento: { api-key: env:MOMENTO_API_KEY }\n", KEY_SET)).isEmpty();
  }

  @Test
  void every_unset_variable_is_told_with_its_line() {
    assertThat(
            unset(
                """
                state: env:REDIS
                momento:
                  api-key: file:key
                  endpoint: env:MOMENTO_ENDPOINT
                """,
                NOTHING_SET))
        .containsExactly(
            "tvm.yaml:7: state: the environment variable REDIS is not set",
            "tvm.yaml:10: momento.endpoint: the environment variable MOMENTO_ENDPOINT is not set");
  }

  @Test
  void the_caches_that_the_rules_name_are_created() {
    Configuration configuration =
        Good.configuration(
            """
            authentication:
              - oidc: { issuer: "https://login.example.com/", audience: chat }
            rules:
              - id: one
                when: { groups: staff }
                permissions:
                  - { role: ReadWrite, cache: b }
                  - { role: ReadWrite, cache: "own-${subject}" }
                  - { role: SubscribeOnly, cache: all, topic: all }
              - id: two
                permissions:
                  - { role: ReadWrite, cache: a }
                  - { role: SubscribeOnly, cache: b, topic: all }
            """);

    assertThat(LocalUse.caches(configuration)).containsExactly("b", "a");
    assertThat(LocalUse.caches(BUILT_IN.configuration())).containsExactly("default-cache");
    assertThat(
            LocalUse.caches(
                Good.configuration(GoodFileTest.SMALLEST.replace("cache: chat", "cache: all"))))
        .containsExactly("default-cache");
  }

  @Test
  void a_user_pool_that_nobody_names_needs_the_aws_stack() {
    String file = GoodFileTest.SMALLEST.replace("- open: {}", "- cognito: {}");
    assertThat(StartChecks.missingOutsideAws(Good.read(Good.parse(file))))
        .singleElement()
        .asString()
        .startsWith(
            "tvm.yaml:2: authentication[0].cognito: region, user-pool-id and client-id are"
                + " missing");
    assertThat(StartChecks.missingOutsideAws(WITHOUT_KEY)).isEmpty();
  }
}
