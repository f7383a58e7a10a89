package tokenvending.infrastructure;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.cdklabs.cdknag.NagPackSuppression;
import io.github.cdklabs.cdknag.NagSuppressions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awscdk.ArnComponents;
import software.amazon.awscdk.Aws;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.apigateway.AccessLogFormat;
import software.amazon.awscdk.services.apigateway.AuthorizationType;
import software.amazon.awscdk.services.apigateway.CognitoUserPoolsAuthorizer;
import software.amazon.awscdk.services.apigateway.DomainName;
import software.amazon.awscdk.services.apigateway.DomainNameOptions;
import software.amazon.awscdk.services.apigateway.EndpointType;
import software.amazon.awscdk.services.apigateway.IdentitySource;
import software.amazon.awscdk.services.apigateway.LambdaIntegration;
import software.amazon.awscdk.services.apigateway.LogGroupLogDestination;
import software.amazon.awscdk.services.apigateway.MethodDeploymentOptions;
import software.amazon.awscdk.services.apigateway.MethodLoggingLevel;
import software.amazon.awscdk.services.apigateway.MethodOptions;
import software.amazon.awscdk.services.apigateway.RequestAuthorizer;
import software.amazon.awscdk.services.apigateway.RestApi;
import software.amazon.awscdk.services.apigateway.SecurityPolicy;
import software.amazon.awscdk.services.apigateway.StageOptions;
import software.amazon.awscdk.services.certificatemanager.Certificate;
import software.amazon.awscdk.services.cloudwatch.IMetric;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.amazon.awscdk.services.cognito.IUserPool;
import software.amazon.awscdk.services.cognito.UserPool;
import software.amazon.awscdk.services.logs.LogGroup;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.constructs.Construct;
import tokenvending.configuration.AuthenticationSettings;
import tokenvending.configuration.AwsOptions;
import tokenvending.configuration.Configuration;

/**
 * The REST API: one resource, three methods, one stage. Its access log has neither query strings
 * nor headers, because they contain credentials.
 */
final class Gateway extends Construct implements Front {
  private static final String STAGE = "prod";

  /** The preflight method of the root, in the CDK's notation. */
  private static final String PRE_FLIGHTS = "//OPTIONS";

  /**
   * Authorizer results are not cached, because a cached one would outlive a changed password or a
   * removed user.
   */
  private static final Duration NO_CACHE = Duration.seconds(0);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final RestApi api;
  private final Optional<AwsOptions.Domain> domain;
  private final Optional<DomainName> domainName;

  /**
   * Creates the API and its stage.
   *
   * @param check the authorizer that it will have
   */
  Gateway(Construct scope, String id, Configuration configuration, GatewayCheck check) {
    super(scope, id);
    AwsOptions aws = configuration.aws();
    boolean logRole = aws.gatewayLogRole();
    Optional<Integer> waf = aws.ratePerAddress();
    StageThrottle throttle = StageThrottle.of(configuration);
    LogGroup log =
        LogGroup.Builder.create(this, "AccessLog")
            .retention(RetentionDays.THREE_MONTHS)
            .removalPolicy(RemovalPolicy.RETAIN)
            .build();
    api =
        RestApi.Builder.create(this, "Api")
            // CloudWatch distinguishes APIs by this name, so each stack has its own.
            .restApiName(Aws.STACK_NAME)
            .description("Vends Momento tokens")
            .endpointTypes(List.of(EndpointType.REGIONAL))
            .cloudWatchRole(logRole)
            .disableExecuteApiEndpoint(aws.domain().isPresent() ? true : null)
            .deployOptions(
                StageOptions.builder()
                    .stageName(STAGE)
                    .throttlingRateLimit(throttle.rate())
                    .throttlingBurstLimit(throttle.burst())
                    // Metrics of each method are billed; those of the whole API are free.
                    .metricsEnabled(false)
                    // A separate throttle, so that preflights and vends do not use up each other's.
                    .methodOptions(Map.of(PRE_FLIGHTS, preFlights(throttle)))
                    .accessLogDestination(new LogGroupLogDestination(log))
                    .accessLogFormat(AccessLogFormat.custom(accessLine()))
                    // The execution log would contain headers and query strings.
                    .loggingLevel(MethodLoggingLevel.OFF)
                    .dataTraceEnabled(false)
                    .build())
            .build();
    // The author of a stack decides about its outputs.
    api.getNode().tryRemoveChild("Endpoint");
    GatewayResponses.on(
        api,
        configuration.cors(),
        GatewayCheck.challenge(configuration.authentication()),
        check instanceof GatewayCheck.OurAuthorizer,
        waf.isPresent());
    domain = aws.domain();
    domainName =
        aws.domain()
            .map(
                own ->
                    api.addDomainName(
                        "Domain",
                        DomainNameOptions.builder()
                            .domainName(own.name())
                            .certificate(
                                Certificate.fromCertificateArn(
                                    this, "Certificate", own.certificate()))
                            .endpointType(EndpointType.REGIONAL)
                            .securityPolicy(SecurityPolicy.TLS_1_2)
                            .build()));
    waf.ifPresent(perMinute -> new AddressFirewall(this, "Firewall", api, perMinute));
    suppress(logRole, waf.isPresent());
  }

  private static MethodDeploymentOptions preFlights(StageThrottle throttle) {
    return MethodDeploymentOptions.builder()
        .throttlingRateLimit(throttle.rate())
        .throttlingBurstLimit(throttle.burst())
        .metricsEnabled(false)
        .loggingLevel(MethodLoggingLevel.OFF)
        .dataTraceEnabled(false)
        .build();
  }

  RestApi api() {
    return api;
  }

  @Override
  public String endpoint() {
    return domain.map(own -> "https://" + own.name() + "/").orElseGet(api::getUrl);
  }

  @Override
  public Optional<String> domainTarget() {
    return domainName.map(DomainName::getDomainNameAliasDomainName);
  }

  @Override
  public Optional<String> apiId() {
    return Optional.of(api.getRestApiId());
  }

  @Override
  public String stage() {
    return STAGE;
  }

  @Override
  public IMetric requests(MetricOptions options) {
    return api.metricCount(options);
  }

  @Override
  public IMetric clientErrors(MetricOptions options) {
    return api.metricClientError(options);
  }

  @Override
  public IMetric serverErrors(MetricOptions options) {
    return api.metricServerError(options);
  }

  @Override
  public IMetric latency(MetricOptions options) {
    return api.metricLatency(options);
  }

  /** Connects the vend function to the API, and an authorizer in front of it if there is one. */
  void serve(
      PublishedFunction vend,
      GatewayCheck check,
      Optional<PublishedFunction> authorizer,
      Optional<IUserPool> ownPool) {
    LambdaIntegration integration =
        LambdaIntegration.Builder.create(vend.alias())
            // The console's test button bypasses authorizers.
            .allowTestInvoke(false)
            .build();
    MethodOptions checked = options(check, authorizer, ownPool);
    api.getRoot().addMethod("GET", integration, checked);
    api.getRoot().addMethod("POST", integration, checked);
    // A preflight has no credential. The function answers it, as the server does, and never vends.
    api.getRoot().addMethod("OPTIONS", integration, unchecked());
    suppressOpenMethods(check);
  }

  private static MethodOptions unchecked() {
    return MethodOptions.builder().authorizationType(AuthorizationType.NONE).build();
  }

  private MethodOptions options(
      GatewayCheck check, Optional<PublishedFunction> authorizer, Optional<IUserPool> ownPool) {
    return switch (check) {
      case GatewayCheck.None none -> unchecked();
      case GatewayCheck.OurAuthorizer(List<String> neededHeaders) ->
          MethodOptions.builder()
              .authorizationType(AuthorizationType.CUSTOM)
              .authorizer(
                  RequestAuthorizer.Builder.create(this, "Authorizer")
                      .handler(authorizer.orElseThrow().alias())
                      .identitySources(neededHeaders.stream().map(IdentitySource::header).toList())
                      .resultsCacheTtl(NO_CACHE)
                      .build())
              .build();
      case GatewayCheck.CognitoIdTokens(var pools) ->
          MethodOptions.builder()
              .authorizationType(AuthorizationType.COGNITO)
              .authorizer(
                  CognitoUserPoolsAuthorizer.Builder.create(this, "Authorizer")
                      .cognitoUserPools(
                          pools.stream()
                              .map(pool -> pool.map(this::existing).or(() -> ownPool).orElseThrow())
                              .toList())
                      .resultsCacheTtl(NO_CACHE)
                      .build())
              .build();
    };
  }

  /** Returns a pool of this account, possibly in another region. */
  private IUserPool existing(AuthenticationSettings.UserPool pool) {
    String arn =
        Stack.of(this)
            .formatArn(
                ArnComponents.builder()
                    .service("cognito-idp")
                    .region(pool.region())
                    .resource("userpool")
                    .resourceName(pool.id())
                    .build());
    return UserPool.fromUserPoolArn(this, "Pool-" + pool.id(), arn);
  }

  private static String accessLine() {
    Map<String, String> line = new LinkedHashMap<>();
    line.put("time", "$context.requestTime");
    line.put("requestId", "$context.requestId");
    line.put("traceId", "$context.xrayTraceId");
    line.put("address", "$context.identity.sourceIp");
    line.put("method", "$context.httpMethod");
    line.put("resource", "$context.resourcePath");
    line.put("protocol", "$context.protocol");
    line.put("status", "$context.status");
    line.put("bytes", "$context.responseLength");
    line.put("latencyMs", "$context.responseLatency");
    line.put("functionMs", "$context.integration.latency");
    line.put("functionStatus", "$context.integration.status");
    line.put("authorizerMs", "$context.authorizer.latency");
    line.put("refusedAs", "$context.error.responseType");
    try {
      return JSON.writeValueAsString(line);
    } catch (JsonProcessingException e) {
      throw new AssertionError("texts can be written", e);
    }
  }

  private void suppress(boolean logRole, boolean waf) {
    NagSuppressions.addResourceSuppressions(
        api,
        List.of(
            reason(
                "AwsSolutions-APIG2",
                "The function parses every parameter strictly and returns problem documents;"
                    + " contract tests check it. A model at the gateway would be a second parser,"
                    + " less strict and with other responses.")),
        true);
    NagSuppressions.addResourceSuppressions(
        api.getDeploymentStage(),
        List.of(
            reason(
                "AwsSolutions-APIG6",
                "Execution logs contain headers and query strings, and so callers' credentials. The"
                    + " access log has one line for each request without them, and the function"
                    + " audits each outcome.")));
    if (!waf) {
      NagSuppressions.addResourceSuppressions(
          api.getDeploymentStage(),
          List.of(
              reason(
                  "AwsSolutions-APIG3",
                  "A web ACL is billed by the month and the request, so it is optional:"
                      + " aws.rate-per-address limits the requests of one address. Without it, the"
                      + " stage is throttled as a whole, and the function limits each caller and"
                      + " address.")));
    }
    if (logRole) {
      NagSuppressions.addResourceSuppressions(
          api,
          List.of(
              NagPackSuppression.builder()
                  .id("AwsSolutions-IAM4")
                  .reason(
                      "AWS documents this managed policy as the one that lets API Gateway write"
                          + " logs; the setting is the account's, and the role can be assumed by"
                          + " API Gateway alone.")
                  .appliesTo(
                      List.of(
                          "Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"))
                  .build()),
          true);
    }
  }

  private void suppressOpenMethods(GatewayCheck check) {
    String ours =
        switch (check) {
          case GatewayCheck.None none ->
              "tvm.yaml has open: every caller gets what the rules grant to anonymous callers,"
                  + " within limits. Each synth prints a warning.";
          case GatewayCheck.OurAuthorizer authorizer ->
              "The request authorizer of this stack authenticates callers by the methods of"
                  + " tvm.yaml (passwords, JWTs of any issuer, open). Cognito's authorizer would"
                  + " reject them.";
          case GatewayCheck.CognitoIdTokens cognito -> "";
        };
    String preFlight =
        "A CORS pre-flight carries no credential by specification, and its response contains no"
            + " token.";
    NagSuppressions.addResourceSuppressions(
        api.getRoot().getNode().findChild("OPTIONS"),
        List.of(reason("AwsSolutions-APIG4", preFlight), reason("AwsSolutions-COG4", preFlight)),
        true);
    for (String method : List.of("GET", "POST")) {
      if (!ours.isEmpty()) {
        NagSuppressions.addResourceSuppressions(
            api.getRoot().getNode().findChild(method),
            check instanceof GatewayCheck.None
                ? List.of(reason("AwsSolutions-APIG4", ours), reason("AwsSolutions-COG4", ours))
                : List.of(reason("AwsSolutions-COG4", ours)),
            true);
      }
    }
  }

  private static NagPackSuppression reason(String rule, String reason) {
    return NagPackSuppression.builder().id(rule).reason(reason).build();
  }
}
