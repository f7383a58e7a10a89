package tokenvending.infrastructure;

import static java.util.Objects.requireNonNull;

import io.github.cdklabs.cdknag.NagPackSuppression;
import io.github.cdklabs.cdknag.NagSuppressions;
import java.util.List;
import java.util.Optional;
import software.amazon.awscdk.Aws;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.aws_apigatewayv2_integrations.HttpLambdaIntegration;
import software.amazon.awscdk.services.apigatewayv2.AddRoutesOptions;
import software.amazon.awscdk.services.apigatewayv2.ApiMapping;
import software.amazon.awscdk.services.apigatewayv2.CfnStage;
import software.amazon.awscdk.services.apigatewayv2.DomainName;
import software.amazon.awscdk.services.apigatewayv2.HttpApi;
import software.amazon.awscdk.services.apigatewayv2.HttpMethod;
import software.amazon.awscdk.services.apigatewayv2.HttpRoute;
import software.amazon.awscdk.services.apigatewayv2.HttpStage;
import software.amazon.awscdk.services.apigatewayv2.PayloadFormatVersion;
import software.amazon.awscdk.services.apigatewayv2.ThrottleSettings;
import software.amazon.awscdk.services.certificatemanager.Certificate;
import software.amazon.awscdk.services.cloudwatch.IMetric;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.amazon.awscdk.services.logs.LogGroup;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.constructs.Construct;
import tokenvending.configuration.AwsOptions;
import tokenvending.configuration.Configuration;

/**
 * An HTTP API: one path, three methods, one stage, no authorizer. The vend function verifies every
 * credential, and answers preflights. The access log has neither query strings nor headers.
 */
final class HttpGateway extends Construct implements Front {
  private static final String STAGE = "$default";

  private static final String ACCESS_LINE =
      """
      {"time":"$context.requestTime","requestId":"$context.requestId",\
      "address":"$context.identity.sourceIp","method":"$context.httpMethod",\
      "route":"$context.routeKey","protocol":"$context.protocol","status":"$context.status",\
      "bytes":"$context.responseLength","latencyMs":"$context.responseLatency",\
      "functionMs":"$context.integration.latency",\
      "functionStatus":"$context.integration.status"}\
      """;

  private final HttpApi api;
  private final Optional<AwsOptions.Domain> domain;
  private final Optional<DomainName> domainName;

  HttpGateway(Construct scope, String id, Configuration configuration, PublishedFunction vend) {
    super(scope, id);
    domain = configuration.aws().domain();
    StageThrottle throttle = StageThrottle.of(configuration);
    LogGroup log =
        LogGroup.Builder.create(this, "AccessLog")
            .retention(RetentionDays.THREE_MONTHS)
            .removalPolicy(RemovalPolicy.RETAIN)
            .build();
    api =
        HttpApi.Builder.create(this, "Api")
            .apiName(Aws.STACK_NAME)
            .description("Vends Momento tokens")
            .createDefaultStage(false)
            .disableExecuteApiEndpoint(domain.isPresent())
            .build();
    HttpStage stage =
        HttpStage.Builder.create(this, "Stage")
            .httpApi(api)
            .stageName(STAGE)
            .autoDeploy(true)
            .throttle(
                ThrottleSettings.builder()
                    .rateLimit(throttle.rate())
                    .burstLimit(throttle.burst())
                    .build())
            .build();
    ((CfnStage) requireNonNull(stage.getNode().getDefaultChild()))
        .setAccessLogSettings(
            CfnStage.AccessLogSettingsProperty.builder()
                .destinationArn(log.getLogGroupArn())
                .format(ACCESS_LINE)
                .build());
    domainName = domain.map(own -> map(own, stage));
    serve(vend);
  }

  private DomainName map(AwsOptions.Domain own, HttpStage stage) {
    DomainName name =
        DomainName.Builder.create(this, "Domain")
            .domainName(own.name())
            .certificate(Certificate.fromCertificateArn(this, "Certificate", own.certificate()))
            .build();
    ApiMapping.Builder.create(this, "Mapping").api(api).domainName(name).stage(stage).build();
    return name;
  }

  private void serve(PublishedFunction vend) {
    List<HttpRoute> routes =
        api.addRoutes(
            AddRoutesOptions.builder()
                .path("/")
                .methods(List.of(HttpMethod.GET, HttpMethod.POST, HttpMethod.OPTIONS))
                .integration(
                    HttpLambdaIntegration.Builder.create("Vend", vend.alias())
                        .payloadFormatVersion(PayloadFormatVersion.VERSION_2_0)
                        .build())
                .build());
    for (HttpRoute route : routes) {
      NagSuppressions.addResourceSuppressions(
          route,
          List.of(
              NagPackSuppression.builder()
                  .id("AwsSolutions-APIG4")
                  .reason(
                      "The vend function verifies the credential of each request by the methods of"
                          + " tvm.yaml. An authorizer in front of it would be another function that"
                          + " is billed; aws.front: rest has one.")
                  .build()),
          true);
    }
  }

  @Override
  public String endpoint() {
    return domain
        .map(own -> "https://" + own.name() + "/")
        .orElseGet(() -> api.getApiEndpoint() + "/");
  }

  @Override
  public Optional<String> domainTarget() {
    return domainName.map(DomainName::getRegionalDomainName);
  }

  @Override
  public Optional<String> apiId() {
    return Optional.of(api.getApiId());
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
}
