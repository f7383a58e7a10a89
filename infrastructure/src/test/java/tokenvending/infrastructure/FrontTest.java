package tokenvending.infrastructure;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Templates whose front is not a REST API, and those with a gradual release. */
final class FrontTest {
  static final Synthesized HTTP =
      Synthesized.of(
          "password",
          "aws={ front: http, throttle: { rate: 70, burst: 140 }, domain: { name:"
              + " tokens.example.com, certificate:"
              + " 'arn:aws:acm:us-west-2:111122223333:certificate/1234' } }");

  static final Synthesized URL =
      Synthesized.of(
          "cognito", "aws={ front: url, reserved-concurrency: 20, metrics: false, canary: true }");

  private static JsonNode variables(Synthesized built) {
    return built.properties("AWS::Lambda::Function", "MachineVend").at("/Environment/Variables");
  }

  @Test
  @Tag("T22")
  void http_api_has_three_routes_to_the_vend_function_and_a_throttle() {
    TreeSet<String> routes = new TreeSet<>();
    for (JsonNode route : HTTP.resources("AWS::ApiGatewayV2::Route").values()) {
      routes.add(route.at("/Properties/RouteKey").asText());
    }
    assertThat(routes).containsExactly("GET /", "OPTIONS /", "POST /");
    JsonNode integration = HTTP.properties("AWS::ApiGatewayV2::Integration", "MachineGateway");
    assertThat(integration.get("PayloadFormatVersion").asText()).isEqualTo("2.0");
    assertThat(integration.get("IntegrationUri").toString()).contains("Alias");

    JsonNode stage = HTTP.properties("AWS::ApiGatewayV2::Stage", "MachineGateway");
    assertThat(stage.get("StageName").asText()).isEqualTo("$default");
    assertThat(stage.at("/DefaultRouteSettings/ThrottlingRateLimit").asInt()).isEqualTo(70);
    assertThat(stage.at("/DefaultRouteSettings/ThrottlingBurstLimit").asInt()).isEqualTo(140);
    assertThat(stage.at("/AccessLogSettings/Format").asText())
        .contains("$context.status", "$context.requestId")
        .doesNotContain("header", "$context.path\"", "authorizer");
    assertThat(
            HTTP.properties("AWS::ApiGatewayV2::Api", "MachineGateway")
                .get("DisableExecuteApiEndpoint")
                .asBoolean())
        .isTrue();
    assertThat(HTTP.resources("AWS::ApiGatewayV2::ApiMapping")).hasSize(1);
    assertThat(HTTP.template().at("/Outputs/DomainTarget/Value").toString()).contains("Regional");
    assertThat(variables(HTTP).get("TVM_API_ID").toString()).contains("MachineGatewayApi");
    assertThat(variables(HTTP).get("TVM_STAGE").asText()).isEqualTo("$default");
    for (JsonNode permission : HTTP.resources("AWS::Lambda::Permission").values()) {
      assertThat(permission.at("/Properties/Principal").asText())
          .isEqualTo("apigateway.amazonaws.com");
      assertThat(permission.at("/Properties/SourceArn").toString()).contains("MachineGatewayApi");
    }
  }

  @Test
  @Tag("T22")
  void function_url_is_public_and_nothing_else_may_invoke_the_function() {
    assertThat(URL.properties("AWS::Lambda::Url", "MachineVendAlias").get("AuthType").asText())
        .isEqualTo("NONE");
    for (JsonNode permission : URL.resources("AWS::Lambda::Permission").values()) {
      JsonNode properties = permission.get("Properties");
      assertThat(
              properties.path("FunctionUrlAuthType").asText().equals("NONE")
                  || properties.path("InvokedViaFunctionUrl").asBoolean())
          .as(properties.toString())
          .isTrue();
    }
    assertThat(URL.template().at("/Outputs/MomentoTokenVendingMachineApiEndpoint/Value").toString())
        .contains("FunctionUrl");
    assertThat(variables(URL).has("TVM_API_ID")).isFalse();
    assertThat(variables(URL).get("TVM_USER_POOL_ID").toString()).contains("MachineUsersPool");
  }

  @Test
  @Tag("T22")
  void without_a_rest_api_there_is_no_authorizer_and_no_rest_resource() {
    for (Synthesized built : List.of(HTTP, URL)) {
      assertThat(built.resources("AWS::Lambda::Function")).hasSize(1);
      assertThat(built.template().toString()).doesNotContain("AWS::ApiGateway::", "AWS::WAFv2");
    }
    assertThat(URL.template().toString()).doesNotContain("AWS::ApiGatewayV2::");
  }

  @Test
  void without_metrics_nothing_watches_what_is_not_counted() {
    assertThat(variables(URL).get("TVM_METRICS").asText()).isEqualTo("off");
    assertThat(variables(HTTP).has("TVM_METRICS")).isFalse();
    assertThat(watched(URL))
        .containsExactly("Latency", "ServerErrors", "VendErrors", "VendThrottles");
    assertThat(watched(HTTP))
        .containsExactly(
            "Latency",
            "ServerErrors",
            "StateOutages",
            "UpstreamBudget",
            "UpstreamFault",
            "VendErrors",
            "VendThrottles");
    assertThat(
            URL.properties("AWS::CloudWatch::Dashboard", "MachineWatch")
                .get("DashboardBody")
                .toString())
        .contains("UrlRequestLatency")
        .doesNotContain("tvm_vends_total");
  }

  private static Set<String> watched(Synthesized built) {
    Set<String> names = new TreeSet<>();
    built
        .resources("AWS::CloudWatch::Alarm")
        .keySet()
        .forEach(id -> names.add(id.replaceAll("MachineWatch|[0-9A-F]{8}$", "")));
    return names;
  }

  @Test
  void new_version_is_released_gradually_and_an_alarm_stops_it() {
    assertThat(HTTP.resources("AWS::CodeDeploy::DeploymentGroup")).isEmpty();
    JsonNode group = URL.properties("AWS::CodeDeploy::DeploymentGroup", "MachineVend");
    assertThat(group.toString())
        .contains("LambdaCanary10Percent5Minutes", "MachineWatchVendErrors");
    Map<String, JsonNode> aliases = URL.resources("AWS::Lambda::Alias");
    assertThat(aliases).hasSize(1);
    assertThat(aliases.values().iterator().next().at("/UpdatePolicy/CodeDeployLambdaAliasUpdate"))
        .isNotEmpty();
  }
}
