package tokenvending.infrastructure;

import java.util.Optional;
import software.amazon.awscdk.services.cloudwatch.IMetric;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;

/** What clients reach; it passes their requests to the vend function. */
sealed interface Front permits Gateway, HttpGateway, FunctionEndpoint {
  /** The URL for requests. */
  String endpoint();

  /** What the domain name of the file must point at. */
  Optional<String> domainTarget();

  /** The id of the API; empty for a function URL. */
  Optional<String> apiId();

  /** The stage in the function's events. */
  String stage();

  IMetric requests(MetricOptions options);

  IMetric clientErrors(MetricOptions options);

  IMetric serverErrors(MetricOptions options);

  IMetric latency(MetricOptions options);
}
