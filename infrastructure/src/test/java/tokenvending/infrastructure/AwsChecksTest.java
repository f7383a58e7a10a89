package tokenvending.infrastructure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.configuration.ConfigurationFile;
import tokenvending.configuration.ConfigurationProblem;

/** Files that are good, and what AWS makes of them; no CDK is started here. */
final class AwsChecksTest {
  private static final String GOOD =
      """
      authentication:
        - oidc: { issuer: "https://login.example.com/", audience: chat }
      rules:
        - id: all
          permissions:
            - { role: ReadOnly, cache: c, item: all }
      limits: { per-caller: 5/m }
      cors: { allow-origins: ["https://chat.example.com"] }
      """;

  @TempDir Path folder;

  private DeployableFile.Result read(String text) throws IOException {
    Path file = folder.resolve("tvm.yaml");
    Files.writeString(file, text);
    return DeployableFile.read(new ConfigurationFile.Written(file));
  }

  private DeployOptions.Result wish(String text, Map<String, String> context) throws IOException {
    Files.writeString(folder.resolve("tvm.yaml"), text);
    return DeployOptions.read(context, folder, folder, folder.resolve("staging"));
  }

  private static List<String> refusals(DeployableFile.Result result) {
    return switch (result) {
      case DeployableFile.Result.Refused(List<ConfigurationProblem> problems) ->
          problems.stream()
              .filter(ConfigurationProblem::isError)
              .map(problem -> problem.line() + ": " + problem.path() + ": " + problem.message())
              .toList();
      case DeployableFile.Result.Deployable good -> List.of();
    };
  }

  private static List<ConfigurationProblem> warnings(DeployableFile.Result result) {
    assertThat(result).isInstanceOf(DeployableFile.Result.Deployable.class);
    return result instanceof DeployableFile.Result.Deployable(DeployableFile file)
        ? file.warnings()
        : List.of();
  }

  @Test
  void good_file_is_deployed_without_a_word() throws IOException {
    assertThat(warnings(read(GOOD))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          state: redis://h:6379                             | state             | remove it
          state: env:REDIS                                  | state             | dynamodb:TABLE
          audit: { to: "file:audit.jsonl" }                 | audit.to          | stdout
          momento: { token-service: "http://127.0.0.1:9" }  | momento.token-service | https
          """)
  void what_a_function_cannot_do_is_refused_with_the_way_out(
      String line, String path, String wayOut) throws IOException {
    assertThat(refusals(read(GOOD + line + "\n")))
        .singleElement()
        .asString()
        .startsWith("9: " + path + ": ")
        .contains(wayOut);
  }

  @Test
  void users_file_is_refused_and_the_command_for_a_secret_is_told() throws IOException {
    String text = GOOD.replaceFirst("  - oidc.*", "  - password: { users: \"file:users.yaml\" }");

    assertThat(refusals(read(text)))
        .singleElement()
        .asString()
        .startsWith("2: authentication[0].password.users: ")
        .contains("create-secret", "aws-secret:tvm-users");
  }

  @Test
  void issuer_on_this_machine_is_refused() throws IOException {
    assertThat(refusals(read(GOOD.replace("https://login.example.com/", "http://localhost:9/"))))
        .singleElement()
        .asString()
        .startsWith("2: authentication[0].oidc.issuer: ");
  }

  @Test
  void pool_of_the_stack_has_no_other_issuer() throws IOException {
    String text =
        GOOD.replaceFirst("  - oidc.*", "  - cognito: { issuer: \"https://login.example.com/\" }");

    assertThat(refusals(read(text))).singleElement().asString().contains("cognito: {}");
  }

  @Test
  void all_problems_are_told_at_once_in_the_order_of_the_file() throws IOException {
    String text =
        GOOD.replaceFirst("  - oidc.*", "  - password: { users: \"file:users.yaml\" }")
            + "state: env:REDIS\naudit: { to: file:x }\n";

    assertThat(refusals(read(text)))
        .extracting(line -> line.replaceFirst(":.*", ""))
        .containsExactly("2", "9", "10");
  }

  @Test
  void what_only_the_server_reads_is_passed_over() throws IOException {
    String text = GOOD + "server: { tls: { certificate: \"file:c.pem\", key: \"file:k.pem\" } }\n";

    assertThat(warnings(read(text))).isEmpty();
  }

  @Test
  @Tag("T13")
  void memory_and_absent_cors_are_warned_of() throws IOException {
    String text = GOOD.replaceFirst("cors.*\n", "") + "state: memory\n";

    assertThat(warnings(read(text)))
        .extracting(ConfigurationProblem::path)
        .containsExactlyInAnyOrder("cors", "state");
    assertThat(warnings(read(GOOD.replaceFirst("cors.*\n", ""))))
        .extracting(ConfigurationProblem::path)
        .as("a state that is not written is the stack's table")
        .containsExactly("cors");
  }

  @Test
  @Tag("T6")
  void function_url_without_a_bound_is_warned_of() throws IOException {
    assertThat(warnings(read(GOOD + "aws: { front: url }\n")))
        .extracting(ConfigurationProblem::path)
        .containsExactly("aws.front");
    assertThat(warnings(read(GOOD + "aws: { front: url, reserved-concurrency: 20 }\n"))).isEmpty();
    assertThat(warnings(read(GOOD + "aws: { front: http }\n"))).isEmpty();
  }

  @Test
  @Tag("T25")
  void list_of_blocked_callers_must_be_in_the_table() throws IOException {
    assertThat(warnings(read(GOOD + "blocks: state\n"))).isEmpty();
    assertThat(refusals(read(GOOD + "blocks: file:blocks.json\n")))
        .singleElement()
        .asString()
        .contains("write blocks: state");
    assertThat(refusals(read(GOOD + "state: memory\nblocks: state\n")))
        .singleElement()
        .asString()
        .contains("remove state");
  }

  @Test
  void file_that_is_bad_anywhere_is_told_by_line() throws IOException {
    assertThat(wish(GOOD + "colour: blue\n", Map.of()))
        .isInstanceOfSatisfying(
            DeployOptions.Result.Refused.class,
            refused ->
                assertThat(refused.lines())
                    .singleElement()
                    .asString()
                    .contains("tvm.yaml:9: colour:"));
  }

  @ParameterizedTest
  @CsvSource({
    "demo-users, yes, expected true or false",
    "demo-users, true, cognito: {}",
    "momento-secret, 'a b', name or ARN",
    "stack, 1st, name of a stack",
    "config, nowhere.yaml, nowhere.yaml",
    "runtime, managed, -c runtime: unknown option: expected",
    "confg, prod.yaml, 'did you mean config?'",
    "Stack, Mine, -c Stack: unknown option",
    "alarm-topic, x, write aws.alarm-topic in the file",
    "waf, 300, write aws.rate-per-address in the file",
    "momento_secret, x, momento-secret",
  })
  void value_that_cannot_be_followed_is_told(String name, String value, String told)
      throws IOException {
    assertThat(wish(GOOD, Map.of(name, value)))
        .isInstanceOfSatisfying(
            DeployOptions.Result.Refused.class,
            refused -> assertThat(refused.lines()).singleElement().asString().contains(told));
    assertThat(wish(GOOD, Map.of())).isInstanceOf(DeployOptions.Result.Understood.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "domian: { name: a.example.com } | aws.domian: unknown key, did you mean domain?",
        "domain: { name: a.example.com } | aws.domain.certificate: missing",
        "domain: { name: 'https://a.example.com', certificate: x } | aws.domain.name",
        "rate-per-address: 9 | aws.rate-per-address: expected a whole number from 10",
        "log-retention: 2 | aws.log-retention: expected a number of days that CloudWatch has",
        "alarm-topic: on-call | aws.alarm-topic: expected the ARN of an SNS topic",
        "access-tokens: 1 | aws.access-tokens: expected true or false",
        "kms-keys: [alias/mine] | aws.kms-keys[0]: expected the ARN of a KMS key",
        "tags: { 'aws:x': y } | aws.tags.aws:x: expected the name of a tag",
        "memory: 128 | aws.memory",
        "front: alb | aws.front: expected rest, http or url",
        "front: http, rate-per-address: 300 | aws.rate-per-address: not possible with front: http",
        "front: url, throttle: { rate: 1, burst: 1 } | write front: rest or http",
      })
  void option_in_the_file_that_cannot_be_followed_is_told(String option, String told)
      throws IOException {
    assertThat(wish(GOOD + "aws: { " + option + " }\n", Map.of()))
        .isInstanceOfSatisfying(
            DeployOptions.Result.Refused.class,
            refused -> assertThat(String.join("\n", refused.lines())).contains(told));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "@aws-cdk/core:checkSecretUsage",
        "aws:cdk:enable-path-metadata",
        "availability-zones:account=111122223333:region=us-west-2",
        "cli-telemetry",
      })
  void names_of_the_CDK_itself_are_no_options(String name) throws IOException {
    assertThat(wish(GOOD, Map.of(name, "true")))
        .isInstanceOf(DeployOptions.Result.Understood.class);
  }

  @Test
  @Tag("T19")
  void without_a_file_nothing_is_deployed(@TempDir Path empty) throws IOException {
    assertThat(DeployOptions.read(Map.of(), empty, empty, empty))
        .isInstanceOfSatisfying(
            DeployOptions.Result.Refused.class,
            refused ->
                assertThat(refused.lines())
                    .singleElement()
                    .asString()
                    .contains("no tvm.yaml in " + empty)
                    .contains("--config default"));

    Files.writeString(empty.resolve("tvm.yml"), GOOD);
    assertThat(DeployOptions.read(Map.of(), empty, empty, empty))
        .isInstanceOf(DeployOptions.Result.Refused.class);
  }

  @Test
  void built_in_file_is_deployed_where_it_is_named(@TempDir Path empty) {
    assertThat(DeployOptions.read(Map.of("config", "default"), empty, empty, empty))
        .isInstanceOfSatisfying(
            DeployOptions.Result.Understood.class,
            understood -> {
              assertThat(new String(understood.options().file().content(), UTF_8))
                  .contains("open: {}");
              assertThat(understood.options().file().warnings())
                  .extracting(ConfigurationProblem::path)
                  .contains("cors", "authentication[0]");
            });
  }
}
