package tokenvending.infrastructure;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awscdk.Aws;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.apigateway.RestApi;
import software.amazon.awscdk.services.cloudwatch.Alarm;
import software.amazon.awscdk.services.cloudwatch.ComparisonOperator;
import software.amazon.awscdk.services.cloudwatch.Dashboard;
import software.amazon.awscdk.services.cloudwatch.GraphWidget;
import software.amazon.awscdk.services.cloudwatch.IMetric;
import software.amazon.awscdk.services.cloudwatch.IWidget;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.amazon.awscdk.services.cloudwatch.TreatMissingData;
import software.amazon.awscdk.services.cloudwatch.actions.SnsAction;
import software.amazon.awscdk.services.dynamodb.ITable;
import software.amazon.awscdk.services.logs.FilterPattern;
import software.amazon.awscdk.services.logs.LogGroup;
import software.amazon.awscdk.services.logs.MetricFilter;
import software.amazon.awscdk.services.sns.ITopic;
import software.constructs.Construct;

/**
 * Alarms and a dashboard. What Lambda and API Gateway cannot know, why there was no token, is
 * counted from the audit lines in the vend function's log.
 */
final class Watch extends Construct {
  private static final Duration PERIOD = Duration.minutes(5);

  /** Half of what a client is likely to wait for; a first call after a quiet time takes longest. */
  private static final Duration SLOW = Duration.seconds(3);

  private final List<Alarm> alarms = new ArrayList<>();
  private final Map<String, Metric> outcomes = new LinkedHashMap<>();
  private final String namespace;

  Watch(
      Construct scope,
      String id,
      RestApi api,
      SnapStartFunction vend,
      Optional<SnapStartFunction> authorizer,
      Optional<ITable> table,
      Optional<ITopic> topic) {
    super(scope, id);
    // Metrics of two stacks must not add up.
    namespace = "TokenVendingMachine/" + Aws.STACK_NAME;
    countOutcomes(vend.logGroup());

    failing("VendErrors", "the vend function", vend);
    authorizer.ifPresent(one -> failing("AuthorizerErrors", "the authorizer function", one));
    alarm(
        "UpstreamBudget",
        "Momento's limit on token operations was reached: callers are being sent away with 503."
            + " Let tokens live longer, reuse them, or limit callers.",
        count("BudgetUsedUp"),
        10,
        2);
    alarm(
        "UpstreamFault",
        "Momento refused the API key or answered nonsense: nobody gets a token until somebody"
            + " looks at it.",
        count("upstream-fault"),
        1,
        1);
    alarm(
        "Latency",
        "The slowest hundredth of all answers takes more than " + SLOW.toSeconds() + " s.",
        api.metricLatency(MetricOptions.builder().statistic("p99").period(PERIOD).build()),
        SLOW.toMilliseconds(),
        3);
    topic.ifPresent(one -> alarms.forEach(alarm -> alarm.addAlarmAction(new SnsAction(one))));
    dashboard(api, vend, authorizer, table);
  }

  private void countOutcomes(LogGroup log) {
    for (String outcome :
        List.of(
            "vended",
            "malformed-request",
            "unauthenticated",
            "not-permitted",
            "throttled",
            "temporarily-unavailable",
            "upstream-fault",
            "internal")) {
      filter(log, outcome, "{ $.outcome = \"" + outcome + "\" }");
    }
    filter(
        log,
        "BudgetUsedUp",
        "{ ($.outcome = \"temporarily-unavailable\") && (($.reason = \"UPSTREAM_LIMIT\") ||"
            + " ($.reason = \"*BUDGET*\")) }");
  }

  private void filter(LogGroup log, String name, String pattern) {
    MetricFilter filter =
        MetricFilter.Builder.create(this, "Count-" + name)
            .logGroup(log)
            .filterPattern(FilterPattern.literal(pattern))
            .metricNamespace(namespace)
            .metricName(name)
            .metricValue("1")
            .defaultValue(0)
            .build();
    outcomes.put(
        name,
        filter.metric(MetricOptions.builder().statistic("Sum").period(PERIOD).label(name).build()));
  }

  private Metric count(String name) {
    Metric metric = outcomes.get(name);
    if (metric == null) {
      throw new IllegalArgumentException("nothing counts " + name);
    }
    return metric;
  }

  private void failing(String id, String who, SnapStartFunction function) {
    alarm(
        id,
        who + " failed: it threw, or ran out of time or memory.",
        function.alias().metricErrors(sum()),
        1,
        1);
    alarm(
        id.replace("Errors", "Throttles"),
        who + " was not run for lack of concurrency in this account.",
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
      RestApi api,
      SnapStartFunction vend,
      Optional<SnapStartFunction> authorizer,
      Optional<ITable> table) {
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
    List<IWidget> first =
        List.of(
            graph("Outcomes (audit)", List.copyOf(outcomes.values())),
            graph(
                "Requests",
                List.of(
                    api.metricCount(sum), api.metricClientError(sum), api.metricServerError(sum))));
    List<IWidget> second =
        List.of(
            graph(
                "Latency of answers, ms",
                List.of(
                    api.metricLatency(labelled("p50", "p50")),
                    api.metricLatency(labelled("p99", "p99")))),
            graph("Duration of functions, ms", durations));
    List<IWidget> third = new ArrayList<>(List.of(graph("Errors and throttles", errors)));
    table.ifPresent(
        one ->
            third.add(
                graph(
                    "Table, capacity units",
                    List.of(
                        one.metricConsumedReadCapacityUnits(labelled("Sum", "read")),
                        one.metricConsumedWriteCapacityUnits(labelled("Sum", "written"))))));
    Dashboard.Builder.create(this, "Dashboard").widgets(List.of(first, second, third)).build();
  }

  private static MetricOptions labelled(String statistic, String label) {
    return MetricOptions.builder().statistic(statistic).period(PERIOD).label(label).build();
  }

  private static GraphWidget graph(String title, List<IMetric> metrics) {
    return GraphWidget.Builder.create().title(title).left(metrics).width(12).build();
  }
}
