package tokenvending.infrastructure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.secretsmanager.Secret;
import tokenvending.configuration.ConfigurationFile;

/** Several in one account, and one in a stack of somebody's own. */
final class TwoMachinesTest {
  private static Path code(Path work) throws IOException {
    Path folder = Files.createDirectories(work.resolve("function"));
    Files.writeString(folder.resolve("stand-in.jar"), "not the functions' code");
    return folder;
  }

  private static DeployableFile file(String name) {
    return DeployableFile.of(Synthesized.resource(name));
  }

  @Test
  void two_stacks_deploy_side_by_side(@TempDir Path work) throws IOException {
    App app = CdkApp.app(Optional.of(work.resolve("out")));
    for (String stack : new String[] {"Here", "There"}) {
      new MomentoTokenVendingMachineStack(
          app,
          stack,
          new DeployOptions(
              stack,
              file("password.yaml"),
              code(work),
              work.resolve("staging"),
              Optional.empty(),
              false));
    }
    app.synth();

    JsonNode here = template(work, "Here");
    JsonNode there = template(work, "There");
    assertThat(ids(here)).isEqualTo(ids(there));
    // Exports, roles, log groups and the like are one account's: nothing may be called the same.
    for (JsonNode template : List.of(here, there)) {
      assertThat(template.toString()).doesNotContain("\"Export\"");
      assertThat(template.toString().replaceAll("\"(Event|Attribute|Group|Handler)Name\"", ""))
          .doesNotContainPattern("\"(Role|Function|Table|Dashboard|Alarm|LogGroup)Name\":\"");
    }
  }

  private static JsonNode template(Path work, String stack) throws IOException {
    return new ObjectMapper().readTree(work.resolve("out/" + stack + ".template.json").toFile());
  }

  /** Permissions aside, whose ids hold the stack's. */
  private static List<String> ids(JsonNode template) {
    return template.get("Resources").properties().stream()
        .map(entry -> entry.getKey() + entry.getValue().get("Type").asText())
        .filter(id -> !id.endsWith("AWS::Lambda::Permission"))
        .map(id -> id.replaceAll("(Deployment|CurrentVersion)[0-9A-Fa-f]{40}", "$1"))
        .sorted()
        .toList();
  }

  @Test
  void construct_stands_in_a_stack_of_ones_own_twice(@TempDir Path work) throws IOException {
    App app = CdkApp.app(Optional.of(work.resolve("out")));
    Stack stack = new Stack(app, "Mine");
    for (String id : new String[] {"First", "Second"}) {
      TokenVendingMachineConstruct machine =
          new TokenVendingMachineConstruct(
              stack,
              id,
              TokenVendingMachineProps.of(
                  file("cognito.yaml"),
                  code(work),
                  work.resolve("staging"),
                  Secret.fromSecretNameV2(stack, id + "Key", "momento")));
      assertThat(machine.endpoint()).contains("Token");
      assertThat(machine.userPool()).isPresent();
      assertThat(machine.userPoolClient()).isPresent();
      assertThat(machine.demoUserSecrets()).isEmpty();
    }
    app.synth();

    assertThat(Files.readString(work.resolve("out/Mine.template.json")))
        .contains("FirstVendAlias", "SecondVendAlias")
        .doesNotContain("\"Outputs\"");
  }

  @Test
  void file_that_cannot_work_there_is_told_in_whole(@TempDir Path work) throws IOException {
    Path bad = work.resolve("tvm.yaml");
    Files.writeString(bad, "authentication: [open: {}]\nrules: []\naudit: { to: file:x }\n");

    assertThat(DeployableFile.read(new ConfigurationFile.Written(bad)))
        .isInstanceOf(DeployableFile.Result.Refused.class);
    assertThatThrownBy(() -> DeployableFile.of(bad))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tvm.yaml:");
  }
}
