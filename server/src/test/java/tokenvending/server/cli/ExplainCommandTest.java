package tokenvending.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static tokenvending.server.cli.CommandRun.example;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Exit codes: 0 granted, 1 refused, 2 the question is not clear. */
final class ExplainCommandTest {
  private static CommandRun explain(String example, String... arguments) {
    List<String> all = new ArrayList<>(List.of("--config", example(example)));
    all.addAll(List.of(arguments));
    return CommandRun.of(new ExplainCommand(), all.toArray(String[]::new));
  }

  @Test
  void file_is_named_with_an_option_or_without() {
    List<String> question = List.of("--as", "sub=ann,groups=moderators", "--param", "room=1");
    List<String> line = new ArrayList<>(question);
    line.add(example("chat-rooms.yaml"));

    assertThat(CommandRun.of(new ExplainCommand(), line.toArray(String[]::new)))
        .isEqualTo(explain("chat-rooms.yaml", question.toArray(String[]::new)));
  }

  @Test
  void moderator_is_told_the_rule_and_all_that_he_gets() {
    CommandRun run =
        explain("chat-rooms.yaml", "--as", "sub=ann,groups=moderators", "--param", "room=1");

    assertThat(run.code()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .isEqualToNormalizingNewlines(
            """
            rule moderators       matches: every condition holds
            granted
              permission  PublishSubscribe cache=chat topic=room-1
              permission  PublishSubscribe cache=chat topic=news
              ttl         30m
              token id    ann
              reuse       never
            """);
  }

  @Test
  void member_is_told_why_the_first_rule_was_not_his() {
    CommandRun run =
        explain(
            "chat-rooms.yaml", "--as", "sub=bob", "--as", "groups=readers", "--param", "room=1");

    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains(
            "rule moderators       does not match: the caller is in none of the groups"
                + " [moderators]")
        .contains("rule members          matches: no condition")
        .contains("ReadWrite cache=chat key=profile-bob");
  }

  @Test
  void groups_may_be_called_as_the_issuer_calls_them() {
    CommandRun run = explain("oidc.yaml", "--as", "sub=ann,roles=moderators,tenant=acme");

    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("topic-prefix=acme/");
  }

  @Test
  void narrower_wish_is_granted_as_it_stands() {
    CommandRun run =
        explain(
            "chat-rooms.yaml",
            "--as=sub=ann",
            "--param=room=1",
            "--permission=SubscribeOnly cache=chat topic=news",
            "--ttl=90s");

    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains("permission  SubscribeOnly cache=chat topic=news")
        .doesNotContain("room-1")
        .contains("ttl         1m 30s");
  }

  @Test
  void wider_wish_is_1_and_says_why() {
    CommandRun run =
        explain(
            "chat-rooms.yaml",
            "--as=sub=ann",
            "--param=room=1",
            "--permission=PublishOnly cache=chat topic=news");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out())
        .endsWith("denied by rule members: more than granted" + System.lineSeparator());
  }

  @Test
  void caller_for_whom_there_is_no_way_in_is_1_whatever_the_rules_say() {
    CommandRun anonymous = explain("password.yaml");
    CommandRun stranger = explain("password.yaml", "--as=sub=ann,iss=https://elsewhere.example/");
    CommandRun identified = explain("open.yaml", "--as=sub=ann");

    assertThat(List.of(anonymous.code(), stranger.code(), identified.code())).containsOnly(1);
    assertThat(anonymous.out())
        .startsWith(
            "denied: the policy has no authentication method for callers without a credential");
    assertThat(stranger.out())
        .contains("no authentication method for callers of the issuer https://elsewhere");
    assertThat(identified.out()).contains("no authentication method");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--param=room",
        "--param=room=1 --param=room=2",
        "--param=rum=1 --param=room=1",
        "--param=room=",
        "--as=groups=moderators --param=room=1",
        "--as=sub=ann,sub=bob --param=room=1",
        "--as=ann --param=room=1",
        "--as=sub=ann",
        "--as=sub=ann --param=room=1 --ttl=soon",
        "--as=sub=ann --param=room=1 --permission=Everything",
        "--as=sub=ann --param=room=123456789012345678901234567890123",
      })
  void question_that_is_not_clear_is_2(String arguments) {
    CommandRun run = explain("chat-rooms.yaml", arguments.split(" "));

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).isNotBlank();
  }

  @Test
  void parameters_that_do_not_fit_are_named() {
    assertThat(explain("chat-rooms.yaml", "--as=sub=ann").err())
        .startsWith("--param: room is missing");
    assertThat(explain("chat-rooms.yaml", "--as=sub=ann", "--param=rum=1").err())
        .startsWith("--param: rum is not declared; the file declares room");
  }
}
