package tokenvending.infrastructure;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.cloudwatch.Alarm;
import software.amazon.awscdk.services.cloudwatch.ComparisonOperator;
import software.amazon.awscdk.services.cloudwatch.Dashboard;
import software.amazon.awscdk.services.cloudwatch.GraphWidget;
import software.amazon.awscdk.services.cloudwatch.IMetric;
import software.amazon.awscdk.services.cloudwatch.IWidget;
import software.amazon.awscdk.services.cloudwatch.MathExpression;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.amazon.awscdk.services.cloudwatch.TreatMissingData;
import software.amazon.awscdk.services.cloudwatch.actions.SnsAction;
import software.amazon.awscdk.services.dynamodb.ITable;
import software.amazon.awscdk.services.sns.ITopic;
import software.amazon.awscdk.services.sns.Topic;
import software.constructs.Construct;
import tokenvending.configuration.AwsOptions;
import tokenvending.observation.Metric;

/**
 * Alarms and a dashboard. The vend function logs why it vended no token, and CloudWatch extracts
 * metrics from its log.
 */
final class Monitoring extends Construct {
  private static final Duration PERIOD = Duration.minutes(5);

  /** Half of a typical client timeout. The first call after a pause takes longest. */
  private static final Duration SLOW = Duration.seconds(3);

  private static final List<String> REFUSALS =
      List.of(
          "malformed-request",
          "unauthenticated",
          "not-permitted",
          "throttled",
          "temporarily-unavailable",
          "upstream-fault",
          "internal");

  private static final List<String> CALLS =
      List.of(
          "succeeded",
          "api-key-rejected",
          "request-rejected",
          "rate-limited",
          "unavailable",
          "timed-out",
          "failed",
          "canceled");

  private static final List<String> WAITS =
      List.of("granted", "rejected", "canceled", "unavailable");

  /** The alarms that stop the release of a new version of the vend function. */
  private static final Set<String> STOPPING = Set.of("VendErrors", "UpstreamFault");

  private final List<Alarm> alarms = new ArrayList<>();
  private final String function;

  Monitoring(
      Construct scope,
      String id,
      Front front,
      PublishedFunction vend,
      Optional<PublishedFunction> authorizer,
      Optional<ITable> table,
      AwsOptions aws) {
    super(scope, id);
    function = vend.name();
    failing("VendErrors", "the vend function", vend);
    authorizer.ifPresent(one -> failing("AuthorizerErrors", "the authorizer function", one));
    if (aws.metrics()) {
      counted();
    }
    alarm(
        "Latency",
        "The 99th percentile of the latency is above " + SLOW.toSeconds() + " s.",
        front.latency(MetricOptions.builder().statistic("p99").period(PERIOD).build()),
        SLOW.toMilliseconds(),
        3);
    alarm(
        "ServerErrors",
        "5 % of all requests or more ended with 500 to 599 in each of three periods.",
        serverErrorRate(front),
        0.05,
        3);
    if (aws.metrics() && table.isPresent()) {
      alarm(
          "StateOutages",
          "The table was unavailable to the vend function, and no caller got a token meanwhile.",
          metric(Metric.STATE_OUTAGES, Map.of(), labelled("Sum", "lost")),
          1,
          1);
    }
    Optional<ITopic> topic =
        aws.alarmTopic().map(arn -> Topic.fromTopicArn(this, "AlarmTopic", arn));
    topic.ifPresent(one -> alarms.forEach(alarm -> alarm.addAlarmAction(new SnsAction(one))));
    dashboard(front, vend, authorizer, table, aws.metrics());
  }

  /** Returns the alarms that stop the release of a new version of the vend function. */
  List<Alarm> ofReleases() {
    return alarms.stream().filter(one -> STOPPING.contains(one.getNode().getId())).toList();
  }

  /** Returns the share of requests that ended with 500 to 599. */
  private static IMetric serverErrorRate(Front front) {
    return switch (front) {
      case Gateway rest ->
          rest.serverErrors(MetricOptions.builder().statistic("Average").period(PERIOD).build());
      case HttpGateway http -> ratio(http);
      case FunctionEndpoint url -> ratio(url);
    };
  }

  private static IMetric ratio(Front front) {
    return MathExpression.Builder.create()
        .expression("IF(requests>0,FILL(errors,0)/requests,0)")
        .usingMetrics(
            new TreeMap<>(
                Map.of("requests", front.requests(sum()), "errors", front.serverErrors(sum()))))
        .label("server errors")
        .period(PERIOD)
        .build();
  }

  /** Adds the alarms on metrics that the vend function counts. */
  private void counted() {
    alarm(
        "UpstreamBudget",
        "Momento's rate limit on token operations was reached, so callers get 503. Use longer"
            + " lifetimes, set reuse, or limit callers.",
        sum(
            "rejected",
            new TreeMap<>(
                Map.of(
                    "waited", waits("rejected"),
                    "stateless", waits("unavailable"),
                    "refused", calls("rate-limited")))),
        10,
        2);
    alarm(
        "UpstreamFault",
        "Momento rejected the API key, or its response was invalid, so no caller gets a token."
            + " Check the API key and the log of the vend function.",
        vends("upstream-fault", false),
        1,
        1);
  }

  /** Returns the number of requests with this outcome. */
  private IMetric vends(String outcome, boolean reused) {
    return metric(
        Metric.VENDS,
        Map.of(Metric.OUTCOME, outcome, Metric.REUSED, Boolean.toString(reused)),
        labelled("Sum", reused ? outcome + ", reused" : outcome));
  }

  /** Returns the number of calls to Momento with this outcome. */
  private IMetric calls(String status) {
    return metric(
        Metric.UPSTREAM_CALL, Map.of(Metric.STATUS, status), labelled("SampleCount", status));
  }

  /** Returns the number of waits for the budget with this outcome. */
  private IMetric waits(String result) {
    return metric(
        Metric.BUDGET_WAIT, Map.of(Metric.RESULT, result), labelled("SampleCount", result));
  }

  private IMetric metric(Metric metric, Map<String, String> by, MetricOptions options) {
    // Sorted, because the order of the JDK's maps varies and would change the template.
    Map<String, String> dimensions = new TreeMap<>(by);
    // Only of this function, so that two stacks are not added up.
    dimensions.put(Metric.FUNCTION, function);
    return software.amazon.awscdk.services.cloudwatch.Metric.Builder.create()
        .namespace(Metric.NAMESPACE)
        .metricName(metric.title())
        .dimensionsMap(dimensions)
        .statistic(options.getStatistic())
        .label(options.getLabel())
        .period(PERIOD)
        .build();
  }

  /** Returns a sum of metrics that can be missing: CloudWatch has none before its first value. */
  private static IMetric sum(String label, SortedMap<String, IMetric> parts) {
    return MathExpression.Builder.create()
        .expression(
            parts.keySet().stream()
                .map(part -> "FILL(" + part + ",0)")
                .collect(Collectors.joining("+")))
        .usingMetrics(parts)
        .label(label)
        .period(PERIOD)
        .build();
  }

  private void failing(String id, String who, PublishedFunction function) {
    alarm(
        id,
        who + " failed: an exception, a timeout or out of memory.",
        function.alias().metricErrors(sum()),
        1,
        1);
    alarm(
        id.replace("Errors", "Throttles"),
        who + " was throttled: the account's concurrency is used up.",
        function.alias().metricThrottles(sum()),
        1,
        1);
  }

  private static MetricOptions sum() {
    return MetricOptions.builder().statistic("Sum").period(PERIOD).build();
  }

  private void alarm(String id, String description, IMetric metric, Number threshold, int periods) {
    alarms.add(
        Alarm.Builder.create(this, id)
            .alarmDescription(description)
            .metric(metric)
            .threshold(threshold)
            .comparisonOperator(ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD)
            .evaluationPeriods(periods)
            .treatMissingData(TreatMissingData.NOT_BREACHING)
            .build());
  }

  private void dashboard(
      Front front,
      PublishedFunction vend,
      Optional<PublishedFunction> authorizer,
      Optional<ITable> table,
      boolean counted) {
    MetricOptions sum = sum();
    List<IMetric> errors = new ArrayList<>();
    List<IMetric> durations = new ArrayList<>();
    errors.add(vend.alias().metricErrors(labelled("Sum", "vend: errors")));
    errors.add(vend.alias().metricThrottles(labelled("Sum", "vend: throttles")));
    durations.add(vend.alias().metricDuration(labelled("p99", "vend: p99")));
    authorizer.ifPresent(
        one -> {
          errors.add(one.alias().metricErrors(labelled("Sum", "authorizer: errors")));
          errors.add(one.alias().metricThrottles(labelled("Sum", "authorizer: throttles")));
          durations.add(one.alias().metricDuration(labelled("p99", "authorizer: p99")));
        });
    List<List<IWidget>> rows = new ArrayList<>();
    IWidget requests =
        graph(
            "Requests",
            List.of(front.requests(sum), front.clientErrors(sum), front.serverErrors(sum)));
    rows.add(counted ? List.of(graph("Outcomes", outcomes()), requests) : List.of(requests));
    rows.add(
        List.of(
            graph(
                "Response latency, ms",
                List.of(
                    front.latency(labelled("p50", "p50")), front.latency(labelled("p99", "p99")))),
            graph("Duration of functions, ms", durations)));
    if (counted) {
      rows.add(
          List.of(
              graph("Calls to Momento", each(CALLS, this::calls)),
              graph("Waits for the budget", each(WAITS, this::waits))));
    }
    List<IWidget> last = new ArrayList<>(List.of(graph("Errors and throttles", errors)));
    table.ifPresent(
        one ->
            last.add(
                graph(
                    "Table, capacity units",
                    List.of(
                        one.metricConsumedReadCapacityUnits(labelled("Sum", "read")),
                        one.metricConsumedWriteCapacityUnits(labelled("Sum", "written"))))));
    rows.add(last);
    Dashboard.Builder.create(this, "Dashboard").widgets(rows).build();
  }

  private List<IMetric> outcomes() {
    List<IMetric> all = new ArrayList<>(List.of(vends("vended", false), vends("vended", true)));
    all.addAll(each(REFUSALS, outcome -> vends(outcome, false)));
    return all;
  }

  private static List<IMetric> each(List<String> values, Function<String, IMetric> metric) {
    return values.stream().map(metric).toList();
  }

  private static MetricOptions labelled(String statistic, String label) {
    return MetricOptions.builder().statistic(statistic).period(PERIOD).label(label).build();
  }

  private static GraphWidget graph(String title, List<IMetric> metrics) {
    return GraphWidget.Builder.create().title(title).left(metrics).width(12).build();
  }
}
