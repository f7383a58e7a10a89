package tokenvending.infrastructure;

import java.util.Optional;
import software.amazon.awscdk.services.cloudwatch.IMetric;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.amazon.awscdk.services.lambda.Alias;
import software.amazon.awscdk.services.lambda.FunctionUrl;
import software.amazon.awscdk.services.lambda.FunctionUrlAuthType;
import software.amazon.awscdk.services.lambda.FunctionUrlOptions;

/**
 * The URL of the vend function itself. It has no authorizer, no throttle and no access log; the
 * function verifies every credential, and answers preflights.
 */
final class FunctionEndpoint implements Front {
  private final Alias alias;
  private final FunctionUrl url;

  FunctionEndpoint(PublishedFunction vend) {
    alias = vend.alias();
    url =
        alias.addFunctionUrl(
            FunctionUrlOptions.builder().authType(FunctionUrlAuthType.NONE).build());
  }

  @Override
  public String endpoint() {
    return url.getUrl();
  }

  @Override
  public Optional<String> domainTarget() {
    return Optional.empty();
  }

  @Override
  public Optional<String> apiId() {
    return Optional.empty();
  }

  @Override
  public String stage() {
    return "$default";
  }

  @Override
  public IMetric requests(MetricOptions options) {
    return alias.metric("UrlRequestCount", options);
  }

  @Override
  public IMetric clientErrors(MetricOptions options) {
    return alias.metric("Url4xxCount", options);
  }

  @Override
  public IMetric serverErrors(MetricOptions options) {
    return alias.metric("Url5xxCount", options);
  }

  @Override
  public IMetric latency(MetricOptions options) {
    return alias.metric("UrlRequestLatency", options);
  }
}
