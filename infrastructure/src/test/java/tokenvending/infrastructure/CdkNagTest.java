package tokenvending.infrastructure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;

/**
 * The rules of AWS's solutions library. A run that breaks one exits with 0 all the same, so this
 * reads the report.
 */
final class CdkNagTest {
  /** Rule, resource, compliance, reason, level. */
  private static final Pattern LINE =
      Pattern.compile("\"([^\"]*)\",\"([^\"]*)\",\"([^\"]*)\",\"(.*)\",\"(Error|Warning)\",\".*\"");

  private record Finding(String rule, String resource, String compliance, String reason) {}

  static Stream<Synthesized> all() {
    return Stream.concat(
        Synthesized.CASES.stream().map(Synthesized::of),
        Stream.of(
            Synthesized.of("cognito", "demo-users=true"),
            Synthesized.of("password", Synthesized.ALL_OPTIONS),
            FrontTest.HTTP,
            FrontTest.URL));
  }

  private static List<Finding> report(Path folder, String stack) throws IOException {
    Path file = folder.resolve("AwsSolutions-" + stack + "-NagReport.csv");
    List<String> lines = Files.readAllLines(file);
    return lines.subList(1, lines.size()).stream()
        .filter(line -> !line.isBlank())
        .map(
            line -> {
              Matcher matcher = LINE.matcher(line);
              assertThat(matcher.matches()).as(line).isTrue();
              return new Finding(
                  matcher.group(1), matcher.group(2), matcher.group(3), matcher.group(4));
            })
        .toList();
  }

  private static List<Finding> broken(List<Finding> findings) {
    return findings.stream()
        .filter(one -> !List.of("Compliant", "Suppressed").contains(one.compliance()))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("all")
  @Tag("T22")
  void no_rule_is_broken(Synthesized built) throws IOException {
    List<Finding> findings = report(built.folder(), DeployOptions.USUAL_STACK);

    assertThat(findings).hasSizeGreaterThan(5);
    assertThat(broken(findings)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("all")
  @Tag("T22")
  void every_exception_has_a_reason_in_whole_sentences(Synthesized built) throws IOException {
    List<Finding> exceptions =
        report(built.folder(), DeployOptions.USUAL_STACK).stream()
            .filter(one -> one.compliance().equals("Suppressed"))
            .toList();

    assertThat(exceptions)
        .isNotEmpty()
        .allMatch(one -> one.reason().length() > 60 && one.reason().endsWith("."));
    assertThat(exceptions.stream().map(Finding::rule).distinct())
        .as("an exception from another rule is a decision")
        .isSubsetOf(
            "AwsSolutions-APIG2",
            "AwsSolutions-APIG3",
            "AwsSolutions-APIG4",
            "AwsSolutions-APIG6",
            "AwsSolutions-COG2",
            "AwsSolutions-COG3",
            "AwsSolutions-COG4",
            "AwsSolutions-IAM4",
            "AwsSolutions-SMG4");
    assertThat(exceptions.stream().filter(one -> one.rule().equals("AwsSolutions-IAM4")))
        .as("a managed policy")
        .allMatch(
            one ->
                one.resource().endsWith("/Api/CloudWatchRole/Resource")
                    || one.resource().endsWith("/Release/ServiceRole/Resource"));
  }

  @Test
  @Tag("T22")
  void check_can_fail(@TempDir Path out) throws IOException {
    App app = CdkApp.app(Optional.of(out));
    Stack stack = new Stack(app, "Careless");
    Role role =
        Role.Builder.create(stack, "Role")
            .assumedBy(new ServicePrincipal("lambda.amazonaws.com"))
            .build();
    role.addToPolicy(
        PolicyStatement.Builder.create()
            .actions(List.of("secretsmanager:*"))
            .resources(List.of("*"))
            .build());
    app.synth();

    assertThat(broken(report(out, "Careless")))
        .extracting(Finding::rule)
        .contains("AwsSolutions-IAM5");
  }
}
