package tokenvending.infrastructure;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tokenvending.observation.CallOutcome;
import tokenvending.observation.Metric;
import tokenvending.observation.Observer.WaitOutcome;

/** What the templates must say, whatever else changes in them. */
final class TemplateTest {
  private static final String FUNCTION = "AWS::Lambda::Function";
  private static final String METHOD = "AWS::ApiGateway::Method";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Properties that would name a resource for the whole account or region. */
  private static final Map<String, String> PHYSICAL_NAMES =
      Map.ofEntries(
          Map.entry("AWS::ApiGateway::RestApi", "Name"),
          Map.entry("AWS::CloudWatch::Alarm", "AlarmName"),
          Map.entry("AWS::CloudWatch::Dashboard", "DashboardName"),
          Map.entry("AWS::Cognito::UserPool", "UserPoolName"),
          Map.entry("AWS::Cognito::UserPoolClient", "ClientName"),
          Map.entry("AWS::DynamoDB::Table", "TableName"),
          Map.entry("AWS::IAM::ManagedPolicy", "ManagedPolicyName"),
          Map.entry("AWS::IAM::Role", "RoleName"),
          Map.entry("AWS::Lambda::Function", "FunctionName"),
          Map.entry("AWS::Logs::LogGroup", "LogGroupName"),
          Map.entry("AWS::SecretsManager::Secret", "Name"));

  static Stream<String> cases() {
    return Synthesized.CASES.stream();
  }

  private static Stream<Synthesized> all() {
    return Stream.concat(
        cases().map(Synthesized::of),
        Stream.of(
            Synthesized.of("cognito", "demo-users=true"),
            Synthesized.of("password", Synthesized.ALL_OPTIONS),
            FrontTest.HTTP,
            FrontTest.URL));
  }

  // ---------------------------------------------------------------------------- who may do what

  @ParameterizedTest
  @MethodSource("all")
  @Tag("T22")
  void no_statement_has_a_wildcard(Synthesized built) {
    for (JsonNode policy : built.resources("AWS::IAM::Policy").values()) {
      for (JsonNode statement : policy.at("/Properties/PolicyDocument/Statement")) {
        assertThat(texts(statement.get("Action"))).isNotEmpty().noneMatch(a -> a.contains("*"));
        assertThat(statement.get("Resource").toString()).doesNotContain("*");
        assertThat(statement.get("Effect").asText()).isEqualTo("Allow");
      }
    }
    for (JsonNode role : built.resources("AWS::IAM::Role").values()) {
      assertThat(role.at("/Properties/Policies").isMissingNode()).isTrue();
      // The managed policies are AWS's own for the gateway's log role, and for CodeDeploy.
      boolean managed =
          role.toString().contains("apigateway.amazonaws.com")
              || role.toString().contains("codedeploy.amazonaws.com");
      assertThat(role.at("/Properties/ManagedPolicyArns").size()).isEqualTo(managed ? 1 : 0);
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  @Tag("T4")
  @Tag("T22")
  void api_key_is_readable_by_the_vend_function_alone(Synthesized built) {
    String key =
        built.template().toString().contains("\"MomentoApiKeySecret")
            ? "MomentoApiKeySecret"
            : "secret:momento/api-key-??????";

    List<String> readers = new ArrayList<>();
    built
        .resources("AWS::IAM::Policy")
        .forEach(
            (id, policy) -> {
              for (JsonNode statement : policy.at("/Properties/PolicyDocument/Statement")) {
                if (statement.get("Resource").toString().contains(key)) {
                  readers.add(id);
                  assertThat(texts(statement.get("Action")))
                      .containsExactlyInAnyOrder(
                          "secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret");
                }
              }
            });

    assertThat(readers).hasSize(1).allMatch(id -> id.startsWith("MachineVendRole"));
    built
        .resources(FUNCTION)
        .forEach(
            (id, function) ->
                assertThat(function.toString().contains("TVM_MOMENTO_API_KEY_SECRET"))
                    .as(id)
                    .isEqualTo(id.startsWith("MachineVend")));
  }

  @ParameterizedTest
  @MethodSource("cases")
  @Tag("T4")
  void api_key_is_in_no_output_and_no_variable(String name) {
    JsonNode template = Synthesized.of(name).template();

    assertThat(template.get("Outputs").toString()).doesNotContain("MomentoApiKey");
    int mentions =
        template.get("Resources").toString().split("\"Ref\":\"MomentoApiKey\"", -1).length - 1;
    JsonNode parameter = template.at("/Parameters/MomentoApiKey");
    if (name.equals("existing-secret")) {
      assertThat(parameter.isMissingNode()).isTrue();
      assertThat(Synthesized.of(name).resources("AWS::SecretsManager::Secret")).isEmpty();
      assertThat(mentions).isZero();
    } else {
      assertThat(parameter.get("NoEcho").asBoolean()).isTrue();
      assertThat(parameter.has("Default")).isFalse();
      assertThat(mentions).as("in the secret alone").isEqualTo(1);
      assertThat(
              Synthesized.of(name)
                  .properties("AWS::SecretsManager::Secret", "MomentoApiKeySecret")
                  .at("/SecretString/Ref")
                  .asText())
          .isEqualTo("MomentoApiKey");
    }
  }

  @Test
  void secret_that_exists_is_known_by_its_name() {
    Synthesized inFile = Synthesized.of("existing-secret");
    Synthesized onCommandLine = Synthesized.of("open", "momento-secret=momento/api-key");

    for (Synthesized built : List.of(inFile, onCommandLine)) {
      assertThat(variables(built, "MachineVend").get("TVM_MOMENTO_API_KEY_SECRET").asText())
          .isEqualTo("momento/api-key");
      assertThat(built.template().at("/Parameters/MomentoApiKey").isMissingNode()).isTrue();
      assertThat(built.properties("AWS::IAM::Policy", "MachineVendRole").toString())
          .contains(":secret:momento/api-key-??????");
    }
  }

  @Test
  @Tag("T22")
  @Tag("T11")
  void users_are_readable_by_the_two_functions_that_verify_passwords() {
    Synthesized built = Synthesized.of("password");

    assertThat(built.properties("AWS::IAM::Policy", "MachineAuthorizerRole").toString())
        .contains(":secret:tvm-users-??????")
        .doesNotContain("dynamodb");
    assertThat(built.properties("AWS::IAM::Policy", "MachineVendRole").toString())
        .contains(":secret:tvm-users-??????");
    assertThat(Synthesized.of("oidc").template().get("Resources").toString())
        .doesNotContain("tvm-users");
  }

  // --------------------------------------------------------------------------------- the gateway

  @ParameterizedTest
  @MethodSource("cases")
  @Tag("T12")
  @Tag("T22")
  void no_method_is_public_but_pre_flights_and_what_the_file_opens(String name) {
    Synthesized built = Synthesized.of(name);
    String expected =
        switch (name) {
          case "open" -> "NONE";
          case "cognito", "existing-secret" -> "COGNITO_USER_POOLS";
          default -> "CUSTOM";
        };

    Set<String> methods = new TreeSet<>();
    for (JsonNode method : built.resources(METHOD).values()) {
      JsonNode properties = method.get("Properties");
      String verb = properties.get("HttpMethod").asText();
      methods.add(verb);
      boolean preFlight = verb.equals("OPTIONS");
      assertThat(properties.get("AuthorizationType").asText())
          .as(verb)
          .isEqualTo(preFlight ? "NONE" : expected);
      assertThat(properties.has("AuthorizerId")).isEqualTo(!preFlight && !expected.equals("NONE"));
      assertThat(properties.at("/Integration/Type").asText()).isEqualTo("AWS_PROXY");
      assertThat(properties.at("/Integration/Uri").toString()).contains("MachineVendAlias");
    }
    assertThat(methods).containsExactly("GET", "OPTIONS", "POST");
  }

  @Test
  @Tag("T12")
  void what_an_authorizer_said_is_never_kept() {
    for (String name : List.of("password", "oidc", "cognito", "guests", "existing-secret")) {
      JsonNode authorizer =
          Synthesized.of(name).properties("AWS::ApiGateway::Authorizer", "MachineGateway");

      assertThat(authorizer.get("AuthorizerResultTtlInSeconds").asInt(-1)).as(name).isZero();
    }
    assertThat(Synthesized.of("open").resources("AWS::ApiGateway::Authorizer")).isEmpty();
  }

  @Test
  @Tag("T12")
  void authorizer_is_asked_even_where_a_header_is_missing_if_a_caller_may_come_without_it() {
    for (String name : List.of("password", "guests")) {
      JsonNode authorizer =
          Synthesized.of(name).properties("AWS::ApiGateway::Authorizer", "MachineGateway");

      assertThat(authorizer.get("Type").asText()).isEqualTo("REQUEST");
      assertThat(authorizer.path("IdentitySource").asText()).as(name).isEmpty();
    }
    assertThat(
            Synthesized.of("oidc")
                .properties("AWS::ApiGateway::Authorizer", "MachineGateway")
                .get("IdentitySource")
                .asText())
        .isEqualTo("method.request.header.Authorization");
  }

  @Test
  void access_tokens_of_cognito_are_for_our_own_authorizer() {
    Synthesized built = Synthesized.of("cognito", "aws={ access-tokens: true }");
    JsonNode authorizer = built.properties("AWS::ApiGateway::Authorizer", "MachineGateway");

    assertThat(authorizer.get("Type").asText()).isEqualTo("REQUEST");
    assertThat(authorizer.path("IdentitySource").asText()).isEmpty();
    assertThat(variables(built, "MachineAuthorizer").has("TVM_USER_POOL_ID")).isTrue();
  }

  @Test
  void pool_of_another_region_is_named_by_its_ARN() {
    assertThat(
            Synthesized.of("existing-secret")
                .properties("AWS::ApiGateway::Authorizer", "MachineGateway")
                .get("ProviderARNs")
                .toString())
        .contains(":cognito-idp:eu-west-1:", ":userpool/eu-west-1_Example01");
  }

  @ParameterizedTest
  @MethodSource("cases")
  @Tag("T22")
  void nobody_but_this_stage_may_invoke_the_functions(String name) {
    Map<String, JsonNode> permissions = Synthesized.of(name).resources("AWS::Lambda::Permission");

    assertThat(permissions).isNotEmpty();
    for (JsonNode permission : permissions.values()) {
      JsonNode properties = permission.get("Properties");
      assertThat(properties.get("Principal").asText()).isEqualTo("apigateway.amazonaws.com");
      assertThat(properties.at("/SourceArn").toString())
          .contains("MachineGatewayApi")
          .doesNotContain("test-invoke-stage")
          .doesNotContain("*");
      assertThat(properties.get("FunctionName").toString()).contains("Alias");
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  @Tag("T22")
  void stage_is_throttled_measured_and_logs_no_credential(String name) {
    JsonNode stage = Synthesized.of(name).properties("AWS::ApiGateway::Stage", "MachineGateway");
    Map<String, JsonNode> settings = new TreeMap<>();
    stage
        .get("MethodSettings")
        .forEach(
            one ->
                settings.put(
                    one.get("HttpMethod").asText() + " " + one.get("ResourcePath").asText(), one));

    assertThat(stage.get("StageName").asText()).isEqualTo("prod");
    assertThat(settings).as("pre-flights are counted apart").containsOnlyKeys("* /*", "OPTIONS /");
    for (JsonNode one : settings.values()) {
      assertThat(one.get("ThrottlingRateLimit").asInt()).isEqualTo(50);
      assertThat(one.get("ThrottlingBurstLimit").asInt()).isEqualTo(100);
      assertThat(one.get("MetricsEnabled").asBoolean()).as("billed for each method").isFalse();
      assertThat(one.get("LoggingLevel").asText()).isEqualTo("OFF");
      assertThat(one.get("DataTraceEnabled").asBoolean()).isFalse();
    }
    assertThat(stage.at("/AccessLogSetting/Format").asText())
        .contains("$context.status", "$context.requestId", "$context.error.responseType")
        .doesNotContainIgnoringCase("header")
        .doesNotContainIgnoringCase("query")
        .doesNotContain("$context.path\"", "authorizer.claims", "userAgent", "$input");
    assertThat(
            Synthesized.of(name)
                .properties("AWS::ApiGateway::RestApi", "MachineGateway")
                .at("/EndpointConfiguration/Types/0")
                .asText())
        .isEqualTo("REGIONAL");
  }

  @Test
  @Tag("T6")
  @Tag("T22")
  void one_address_is_limited_in_front_of_the_stage_on_request() {
    assertThat(Synthesized.of("password").resources("AWS::WAFv2::WebACL")).isEmpty();

    Synthesized built = Synthesized.of("password", Synthesized.ALL_OPTIONS);
    JsonNode acl = built.properties("AWS::WAFv2::WebACL", "MachineGatewayFirewall");
    assertThat(acl.get("Scope").asText()).isEqualTo("REGIONAL");
    assertThat(acl.get("DefaultAction").has("Allow")).isTrue();
    assertThat(acl.get("Rules")).hasSize(1);
    JsonNode rule = acl.get("Rules").get(0);
    assertThat(rule.get("Action").has("Block")).isTrue();
    JsonNode rate = rule.at("/Statement/RateBasedStatement");
    assertThat(rate.get("AggregateKeyType").asText()).isEqualTo("IP");
    assertThat(rate.get("Limit").asInt()).isEqualTo(300);
    assertThat(rate.get("EvaluationWindowSec").asInt()).isEqualTo(60);
    for (JsonNode seen : List.of(acl.get("VisibilityConfig"), rule.get("VisibilityConfig"))) {
      assertThat(seen.get("SampledRequestsEnabled").asBoolean(true))
          .as("a sample holds the caller's credential")
          .isFalse();
    }
    assertThat(
            built
                .properties("AWS::WAFv2::WebACLAssociation", "MachineGatewayFirewall")
                .get("ResourceArn")
                .toString())
        .contains("/restapis/", "/stages/", "MachineGatewayApi");
    JsonNode blocked =
        built.properties("AWS::ApiGateway::GatewayResponse", "MachineGatewayApiWafFiltered");
    assertThat(blocked.get("StatusCode").asText()).isEqualTo("429");
    assertThat(header(blocked, "Retry-After")).isEqualTo("'60'");
  }

  @ParameterizedTest
  @MethodSource("cases")
  @Tag("T13")
  void answers_of_the_gateway_itself_are_problem_documents_for_the_pages_that_may_read_them(
      String name) {
    String origin =
        switch (name) {
          case "guests" -> "";
          case "open", "oidc" -> "'*'";
          default -> "'https://chat.example.com'";
        };
    Map<String, JsonNode> responses =
        Synthesized.of(name).resources("AWS::ApiGateway::GatewayResponse");

    assertThat(responses).hasSizeGreaterThan(10);
    Set<String> types = new TreeSet<>();
    for (JsonNode response : responses.values()) {
      JsonNode properties = response.get("Properties");
      JsonNode document = read(properties.at("/ResponseTemplates/application~1json").asText());
      types.add(properties.get("ResponseType").asText());
      assertThat(header(properties, "Content-Type")).isEqualTo("'application/problem+json'");
      assertThat(header(properties, "Cache-Control")).isEqualTo("'no-store'");
      assertThat(header(properties, "X-Content-Type-Options")).isEqualTo("'nosniff'");
      assertThat(header(properties, "Access-Control-Allow-Origin")).isEqualTo(origin);
      assertThat(header(properties, "Access-Control-Allow-Credentials")).isEmpty();
      assertThat(document.get("type").asText()).startsWith("urn:problem-type:tokenvending:");
      assertThat(document.get("status").asText()).isEqualTo(properties.get("StatusCode").asText());
      assertThat(document.get("instance").asText()).isEqualTo("$context.requestId");
      assertThat(document.size()).isEqualTo(5);
    }
    assertThat(types).contains("DEFAULT_4XX", "DEFAULT_5XX", "UNAUTHORIZED", "THROTTLED");
  }

  @Test
  void gateway_says_when_to_come_back_and_what_to_show() {
    Synthesized built = Synthesized.of("password");
    BiConsumer<String, List<String>> expect =
        (id, told) -> {
          JsonNode response =
              built.properties("AWS::ApiGateway::GatewayResponse", "MachineGatewayApi" + id);
          JsonNode document = read(response.at("/ResponseTemplates/application~1json").asText());
          assertThat(
                  List.of(
                      response.get("StatusCode").asText(),
                      document.get("type").asText().replaceFirst(".*:", ""),
                      header(response, "Retry-After"),
                      header(response, "WWW-Authenticate")))
              .as(id)
              .isEqualTo(told);
        };

    expect.accept("Throttled", List.of("429", "throttled", "'2'", ""));
    expect.accept(
        "Unauthorized",
        List.of(
            "401", "unauthenticated", "", "'Basic realm=\"token-vending\", charset=\"UTF-8\"'"));
    expect.accept("AuthorizerFailure", List.of("503", "temporarily-unavailable", "'2'", ""));
    expect.accept("NoRoute", List.of("404", "not-found", "", ""));
    String challenge = "'Basic realm=\"token-vending\", charset=\"UTF-8\"'";
    expect.accept("AccessDenied", List.of("401", "unauthenticated", "", challenge));
    expect.accept("ExpiredToken", List.of("401", "unauthenticated", "", challenge));
  }

  // ------------------------------------------------------------------------------- the functions

  @ParameterizedTest
  @MethodSource("cases")
  void functions_start_from_a_snapshot_of_a_published_version(String name) {
    Synthesized built = Synthesized.of(name);
    Map<String, JsonNode> functions = built.resources(FUNCTION);
    boolean authorizer = List.of("password", "oidc", "guests").contains(name);

    assertThat(functions).hasSize(authorizer ? 2 : 1);
    functions.forEach(
        (id, function) -> {
          JsonNode properties = function.get("Properties");
          assertThat(properties.get("Runtime").asText()).isEqualTo("java25");
          assertThat(properties.get("Architectures").get(0).asText()).isEqualTo("arm64");
          assertThat(properties.at("/SnapStart/ApplyOn").asText()).isEqualTo("PublishedVersions");
          assertThat(properties.get("Timeout").asInt()).isBetween(10, 28);
          assertThat(properties.at("/LoggingConfig/LogGroup/Ref").asText()).contains("Log");
          assertThat(properties.at("/LoggingConfig/LogFormat").asText()).isEqualTo("JSON");
          assertThat(properties.has("ReservedConcurrentExecutions")).isFalse();
          assertThat(properties.at("/Environment/Variables").has("JAVA_TOOL_OPTIONS"))
              .as("the JVM would print them")
              .isFalse();
          assertThat(properties.at("/Environment/Variables/TVM_STAGE").asText()).isEqualTo("prod");
          assertThat(properties.at("/Environment/Variables/TVM_API_ID/Ref").asText())
              .startsWith("MachineGatewayApi");
        });
    assertThat(built.properties(FUNCTION, "MachineVend").get("Handler").asText())
        .isEqualTo("tokenvending.lambda.VendHandler::handleRequest");
    if (authorizer) {
      assertThat(built.properties(FUNCTION, "MachineAuthorizer").get("Handler").asText())
          .isEqualTo("tokenvending.lambda.AuthorizerHandler::handleRequest");
    }
    assertThat(built.resources("AWS::Lambda::Alias")).hasSize(functions.size());
    for (JsonNode alias : built.resources("AWS::Lambda::Alias").values()) {
      assertThat(alias.at("/Properties/FunctionVersion/Fn::GetAtt/0").asText())
          .contains("CurrentVersion");
    }
  }

  @Test
  void endpoint_of_the_file_is_no_parameter_whose_earlier_value_an_update_would_keep() {
    Synthesized built = Synthesized.of("oidc");

    assertThat(built.template().at("/Parameters/MomentoEndpoint").isMissingNode()).isTrue();
    assertThat(variables(built, "MachineVend").get("TVM_MOMENTO_ENDPOINT").asText())
        .isEqualTo("cell-4-us-west-2-1.prod.a.momentohq.com");
  }

  @Test
  void another_endpoint_on_the_command_line_publishes_another_version() {
    Synthesized built = Synthesized.of("open");

    // Without this the alias would stay on the version that knows the old endpoint.
    assertThat(
            built.properties("AWS::Lambda::Version", "MachineVend").get("Description").toString())
        .contains("MomentoEndpoint");
    assertThat(built.template().at("/Parameters/MomentoEndpoint/Default").asText()).isEmpty();
    assertThat(variables(built, "MachineVend").at("/TVM_MOMENTO_ENDPOINT/Ref").asText())
        .isEqualTo("MomentoEndpoint");
  }

  @ParameterizedTest
  @MethodSource("all")
  void functions_hold_no_code_but_ours(Synthesized built) {
    built
        .resources(FUNCTION)
        .forEach(
            (id, function) ->
                assertThat(function.at("/Properties/Layers").isMissingNode()).as(id).isTrue());
  }

  // -------------------------------------------------------------------------- logs, state, pools

  @ParameterizedTest
  @MethodSource("all")
  @Tag("T22")
  void logs_are_kept_for_a_time_and_outlive_the_stack(Synthesized built) {
    Map<String, JsonNode> logs = built.resources("AWS::Logs::LogGroup");

    assertThat(logs).isNotEmpty();
    logs.forEach(
        (id, log) -> {
          assertThat(log.at("/Properties/RetentionInDays").asInt()).as(id).isBetween(30, 365);
          assertThat(log.get("DeletionPolicy").asText()).as(id).isEqualTo("Retain");
        });
    assertThat(
            built.properties("AWS::Logs::LogGroup", "MachineVend").get("RetentionInDays").asInt())
        .as("the record of what was vended")
        .isEqualTo(built == Synthesized.of("password", Synthesized.ALL_OPTIONS) ? 180 : 365);
  }

  @Test
  void budget_and_limits_are_counted_where_the_file_says() {
    Synthesized own = Synthesized.of("open");
    JsonNode table = own.properties("AWS::DynamoDB::Table", "MachineState");
    assertThat(table.get("BillingMode").asText()).isEqualTo("PAY_PER_REQUEST");
    assertThat(table.get("KeySchema").toString())
        .isEqualTo(
            "[{\"AttributeName\":\"pk\",\"KeyType\":\"HASH\"},"
                + "{\"AttributeName\":\"sk\",\"KeyType\":\"RANGE\"}]");
    assertThat(table.at("/AttributeDefinitions/0/AttributeType").asText()).isEqualTo("S");
    assertThat(table.at("/TimeToLiveSpecification/AttributeName").asText()).isEqualTo("expires");
    assertThat(variables(own, "MachineVend").get("TVM_STATE").toString())
        .contains("dynamodb:", "MachineState");
    assertThat(own.messages()).contains("momento.budget: 5 calls in 1 s, counted in this stack");

    Synthesized named = Synthesized.of("oidc");
    assertThat(named.resources("AWS::DynamoDB::Table")).isEmpty();
    assertThat(variables(named, "MachineVend").get("TVM_STATE").asText())
        .isEqualTo("dynamodb:shared-limits");
    assertThat(named.properties("AWS::IAM::Policy", "MachineVendRole").toString())
        .contains(":table/shared-limits\"")
        .doesNotContain("index");

    Synthesized memory = Synthesized.of("guests");
    assertThat(memory.messages()).contains("tvm:").doesNotContain("momento.budget");
    assertThat(memory.resources("AWS::DynamoDB::Table")).isEmpty();
    assertThat(variables(memory, "MachineVend").has("TVM_STATE")).isFalse();
    assertThat(memory.properties("AWS::IAM::Policy", "MachineVendRole").toString())
        .doesNotContain("dynamodb");
  }

  @Test
  void pool_of_its_own_has_two_groups_and_those_that_rules_name() {
    assertThat(groups(Synthesized.of("cognito")))
        .containsExactly("ReadOnlyUserGroup", "ReadWriteUserGroup");
    assertThat(groups(Synthesized.of("guests")))
        .containsExactly("ReadOnlyUserGroup", "ReadWriteUserGroup", "moderators");
    assertThat(Synthesized.of("existing-secret").resources("AWS::Cognito::UserPool")).isEmpty();

    JsonNode client =
        Synthesized.of("cognito").properties("AWS::Cognito::UserPoolClient", "MachineUsers");
    assertThat(texts(client.get("ExplicitAuthFlows")))
        .contains("ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH");
    assertThat(client.get("GenerateSecret").asBoolean()).isFalse();
    assertThat(variables(Synthesized.of("cognito"), "MachineVend").toString())
        .contains("TVM_USER_POOL_ID", "TVM_USER_POOL_CLIENT_ID");
  }

  @Test
  @Tag("T1")
  void users_of_the_pool_write_no_attribute_that_a_rule_could_read() {
    for (String name : List.of("cognito", "guests")) {
      JsonNode client =
          Synthesized.of(name).properties("AWS::Cognito::UserPoolClient", "MachineUsers");
      // Absent or empty, Cognito lets users write all of their attributes.
      assertThat(texts(client.path("WriteAttributes"))).as(name).containsExactly("updated_at");
    }
  }

  private static Set<String> groups(Synthesized built) {
    Set<String> names = new TreeSet<>();
    for (JsonNode group : built.resources("AWS::Cognito::UserPoolGroup").values()) {
      names.add(group.at("/Properties/GroupName").asText());
    }
    return names;
  }

  @Test
  @Tag("T22")
  void demo_users_are_there_on_request_with_passwords_that_nobody_wrote() {
    assertThat(Synthesized.of("cognito").resources("AWS::Cognito::UserPoolUser")).isEmpty();

    Synthesized built = Synthesized.of("cognito", "demo-users=true");
    assertThat(built.resources("AWS::Cognito::UserPoolUser")).hasSize(2);
    assertThat(built.resources("AWS::Cognito::UserPoolUserToGroupAttachment")).hasSize(2);
    for (String user : List.of("reader", "writer")) {
      JsonNode secret =
          built.properties("AWS::SecretsManager::Secret", "MachineDemoUsers" + user + "Secret");
      assertThat(secret.has("SecretString")).isFalse();
      assertThat(secret.at("/GenerateSecretString/PasswordLength").asInt()).isEqualTo(24);
      assertThat(secret.at("/GenerateSecretString/SecretStringTemplate").asText())
          .isEqualTo("{\"username\":\"" + user + "\"}");
    }
    assertThat(built.resources("Custom::DemoUserPassword").toString()).doesNotContain("resolve:");
    assertThat(built.template().get("Outputs").properties().stream().map(Map.Entry::getKey))
        .contains("DemoReaderSecret", "DemoWriterSecret");
  }

  // ------------------------------------------------------------------------------- what is seen

  @ParameterizedTest
  @MethodSource("cases")
  void somebody_hears_of_errors_throttles_budget_and_latency(String name) {
    Synthesized built = Synthesized.of(name);
    List<String> alarms = List.copyOf(built.resources("AWS::CloudWatch::Alarm").keySet());

    for (String wanted :
        List.of(
            "VendErrors",
            "VendThrottles",
            "UpstreamBudget",
            "UpstreamFault",
            "Latency",
            "ServerErrors")) {
      assertThat(alarms).anyMatch(id -> id.startsWith("MachineWatch" + wanted));
    }
    assertThat(alarms.stream().anyMatch(id -> id.startsWith("MachineWatchStateOutages")))
        .isEqualTo(!name.equals("guests"));
    assertThat(built.resources("AWS::CloudWatch::Dashboard")).hasSize(1);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void what_the_functions_count_is_watched_by_its_name_and_for_this_stack_alone(String name) {
    Synthesized built = Synthesized.of(name);
    assertThat(built.resources("AWS::Logs::MetricFilter")).isEmpty();

    JsonNode watching =
        built
            .properties("AWS::CloudWatch::Alarm", "MachineWatchUpstreamFault")
            .at("/Metrics/0/MetricStat");
    JsonNode fault = watching.get("Metric");
    assertThat(watching.get("Stat").asText()).isEqualTo("Sum");
    assertThat(fault.get("Namespace").asText()).isEqualTo("MomentoTokenVendingMachine");
    assertThat(fault.get("MetricName").asText()).isEqualTo("tvm_vends_total");
    assertThat(dimension(fault, "outcome").asText()).isEqualTo("upstream-fault");
    assertThat(dimension(fault, "reused").asText()).isEqualTo("false");
    assertThat(dimension(fault, "function").get("Ref").asText()).startsWith("MachineVend");

    JsonNode budget =
        built.properties("AWS::CloudWatch::Alarm", "MachineWatchUpstreamBudget").get("Metrics");
    Set<String> watched = new TreeSet<>();
    for (JsonNode part : budget) {
      JsonNode metric = part.at("/MetricStat/Metric");
      if (metric.isMissingNode()) {
        assertThat(part.get("Expression").asText())
            .isEqualTo("FILL(refused,0)+FILL(stateless,0)+FILL(waited,0)");
        continue;
      }
      assertThat(metric.get("Namespace").asText()).isEqualTo("MomentoTokenVendingMachine");
      assertThat(part.at("/MetricStat/Stat").asText()).isEqualTo("SampleCount");
      assertThat(dimension(metric, "function").get("Ref").asText()).startsWith("MachineVend");
      for (JsonNode by : metric.get("Dimensions")) {
        if (!by.get("Name").asText().equals("function")) {
          watched.add(
              metric.get("MetricName").asText()
                  + " "
                  + by.get("Name").asText()
                  + "="
                  + by.get("Value").asText());
        }
      }
    }
    assertThat(watched)
        .containsExactly(
            "tvm_budget_wait_seconds result=rejected",
            "tvm_budget_wait_seconds result=unavailable",
            "tvm_upstream_call_duration_seconds status=rate-limited");
  }

  private static JsonNode dimension(JsonNode metric, String name) {
    for (JsonNode one : metric.get("Dimensions")) {
      if (one.get("Name").asText().equals(name)) {
        return one.get("Value");
      }
    }
    throw new AssertionError(name + " is no dimension of " + metric);
  }

  @Test
  void words_of_the_dashboard_are_those_that_are_counted() {
    String dashboard =
        Synthesized.of("open")
            .properties("AWS::CloudWatch::Dashboard", "MachineWatch")
            .get("DashboardBody")
            .toString();

    for (CallOutcome ending : CallOutcome.values()) {
      assertThat(dashboard).contains("\\\"" + Metric.word(ending) + "\\\"");
    }
    for (WaitOutcome turn : WaitOutcome.values()) {
      assertThat(dashboard).contains("\\\"" + Metric.word(turn) + "\\\"");
    }
  }

  @Test
  void alarms_go_to_the_topic_that_was_asked_for() {
    String topic = "arn:aws:sns:us-west-2:111122223333:on-call";
    Synthesized built = Synthesized.of("oidc", "aws={ alarm-topic: '" + topic + "' }");

    for (JsonNode alarm : built.resources("AWS::CloudWatch::Alarm").values()) {
      assertThat(alarm.at("/Properties/AlarmActions/0").asText()).isEqualTo(topic);
    }
  }

  @Test
  void options_of_the_file_are_followed() {
    Synthesized built = Synthesized.of("password", Synthesized.ALL_OPTIONS);

    assertThat(
            built
                .properties("AWS::ApiGateway::RestApi", "MachineGateway")
                .get("DisableExecuteApiEndpoint")
                .asBoolean())
        .isTrue();
    JsonNode domain = built.properties("AWS::ApiGateway::DomainName", "MachineGateway");
    assertThat(domain.get("DomainName").asText()).isEqualTo("tokens.example.com");
    assertThat(domain.get("SecurityPolicy").asText()).isEqualTo("TLS_1_2");
    assertThat(built.resources("AWS::ApiGateway::BasePathMapping")).hasSize(1);
    assertThat(built.template().at("/Outputs/MomentoTokenVendingMachineApiEndpoint/Value").asText())
        .isEqualTo("https://tokens.example.com/");
    for (JsonNode settings :
        built.properties("AWS::ApiGateway::Stage", "MachineGateway").get("MethodSettings")) {
      assertThat(settings.get("ThrottlingRateLimit").asInt()).isEqualTo(70);
      assertThat(settings.get("ThrottlingBurstLimit").asInt()).isEqualTo(140);
    }
    for (JsonNode function : built.resources(FUNCTION).values()) {
      assertThat(function.at("/Properties/MemorySize").asInt()).isEqualTo(2048);
      assertThat(function.at("/Properties/ReservedConcurrentExecutions").asInt()).isEqualTo(20);
      assertThat(function.at("/Properties/Tags").toString()).contains("team", "chat");
    }
    for (JsonNode role : built.resources("AWS::IAM::Role").values()) {
      assertThat(role.at("/Properties/PermissionsBoundary").toString())
          .contains(":policy/developers");
    }
    for (String reader : List.of("MachineVendRole", "MachineAuthorizerRole")) {
      assertThat(built.properties("AWS::IAM::Policy", reader).toString())
          .contains("kms:Decrypt", "arn:aws:kms:us-west-2:111122223333:key/1234");
    }
    for (JsonNode version : built.resources("AWS::Lambda::Version").values()) {
      assertThat(version.get("DeletionPolicy").asText()).isEqualTo("Retain");
    }
    JsonNode rule = built.properties("AWS::Events::Rule", "MachineKeepWarm");
    assertThat(rule.get("ScheduleExpression").asText()).isEqualTo("rate(1 day)");
    assertThat(rule.get("Targets")).hasSize(2);
    assertThat(rule.at("/Targets/0/Input").asText()).isEqualTo("{\"health\":true}");
    assertThat(built.template().at("/Parameters/BootstrapVersion/Default").asText())
        .isEqualTo("/cdk-bootstrap/mine/version");
  }

  @ParameterizedTest
  @MethodSource("all")
  void no_resource_has_a_name_of_its_own(Synthesized built) {
    PHYSICAL_NAMES.forEach(
        (type, property) ->
            built
                .resources(type)
                .forEach(
                    (id, resource) ->
                        assertThat(resource.at("/Properties/" + property).isTextual())
                            .as(id + " has a fixed " + property)
                            .isFalse()));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void outputs_say_where_it_is_and_everything_carries_a_tag(String name) {
    Synthesized built = Synthesized.of(name);
    boolean pool = List.of("cognito", "guests").contains(name);

    assertThat(built.template().get("Outputs").properties().stream().map(Map.Entry::getKey))
        .containsExactlyInAnyOrderElementsOf(
            pool
                ? List.of(
                    "MomentoTokenVendingMachineApiEndpoint",
                    "VendFunction",
                    "UserPoolId",
                    "UserPoolClientId")
                : List.of("MomentoTokenVendingMachineApiEndpoint", "VendFunction"));
    built
        .resources(FUNCTION)
        .forEach(
            (id, function) ->
                assertThat(function.at("/Properties/Tags").toString())
                    .contains("token-vending-machine"));
  }

  // ------------------------------------------------------------------------------------- reading

  private static JsonNode variables(Synthesized built, String function) {
    return built.properties(FUNCTION, function).at("/Environment/Variables");
  }

  private static String header(JsonNode response, String name) {
    return response.get("ResponseParameters").path("gatewayresponse.header." + name).asText();
  }

  private static List<String> texts(JsonNode node) {
    List<String> texts = new ArrayList<>();
    if (node.isTextual()) {
      texts.add(node.asText());
    }
    node.forEach(one -> texts.add(one.asText()));
    return texts;
  }

  private static JsonNode read(String json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      throw new AssertionError(json, e);
    }
  }
}
