package tokenvending.infrastructure;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What an update of a stack replaces, by the logical ids of its templates. */
final class UpdateTest {
  /** Types whose replacement would lose something, or change an address that callers know. */
  private static final Set<String> LASTING =
      Set.of(
          "AWS::ApiGateway::RestApi",
          "AWS::ApiGateway::Stage",
          "AWS::DynamoDB::Table",
          "AWS::Lambda::Alias",
          "AWS::Lambda::Function",
          "AWS::Logs::LogGroup",
          "AWS::SecretsManager::Secret");

  private static Map<String, String> types(Synthesized built) {
    Map<String, String> types = new TreeMap<>();
    built
        .template()
        .get("Resources")
        .properties()
        .forEach(entry -> types.put(entry.getKey(), entry.getValue().get("Type").asText()));
    return types;
  }

  private static Set<String> onlyIn(Synthesized one, Synthesized other) {
    Map<String, String> types = types(one);
    types.keySet().removeAll(types(other).keySet());
    return new TreeSet<>(types.values());
  }

  private static void assertThatLastingResourcesStay(Synthesized before, Synthesized after) {
    types(before)
        .forEach(
            (id, type) -> {
              if (LASTING.contains(type)) {
                assertThat(types(after)).containsEntry(id, type);
              }
            });
    for (String type : Set.of("AWS::DynamoDB::Table", "AWS::Logs::LogGroup")) {
      before
          .resources(type)
          .forEach((id, resource) -> assertThat(after.resources(type).get(id)).isEqualTo(resource));
    }
  }

  @Test
  void another_file_replaces_the_published_version_and_the_gateways_deployment_alone() {
    Synthesized before = Synthesized.of("open");
    Synthesized after = Synthesized.of("open-changed");

    assertThat(onlyIn(before, after))
        .isEqualTo(onlyIn(after, before))
        .isSubsetOf("AWS::Lambda::Version", "AWS::ApiGateway::Deployment")
        .contains("AWS::Lambda::Version");
    assertThatLastingResourcesStay(before, after);
    JsonNode response =
        after.properties("AWS::ApiGateway::GatewayResponse", "MachineGatewayApiThrottled");
    assertThat(response.toString()).contains("'https://news.example.com'");
    assertThat(
            after
                .properties("AWS::Lambda::Function", "MachineVend")
                .at("/Environment/Variables/TVM_MOMENTO_ENDPOINT")
                .asText())
        .isEqualTo("cell-4-us-west-2-1.prod.a.momentohq.com");
  }

  @Test
  void another_authentication_method_adds_an_authorizer_and_keeps_what_lasts() {
    Synthesized before = Synthesized.of("open");
    Synthesized after = Synthesized.of("password");

    assertThat(onlyIn(after, before)).contains("AWS::ApiGateway::Authorizer");
    assertThatLastingResourcesStay(before, after);
  }
}
