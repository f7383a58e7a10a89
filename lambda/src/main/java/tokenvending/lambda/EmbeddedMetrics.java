package tokenvending.lambda;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tokenvending.observation.CallOutcome;
import tokenvending.observation.Metric;
import tokenvending.observation.Observer;
import tokenvending.text.JsonObject;

/**
 * Collects the metrics of an invocation and writes them at its end in CloudWatch's embedded metric
 * format: JSON objects, one per line, in one write. Dimensions are constants and the function's
 * name. A rule's id is a searchable field instead, because each value of a dimension costs money.
 * Thread-safe.
 */
final class EmbeddedMetrics implements Observer {
  /** The most events of one invocation, which usually has a handful; others are dropped. */
  private static final int MOST_EVENTS = 50;

  private final OutputStream out;
  private final String function;
  private final InstantSource clock;
  private final boolean extracted;
  private final List<Event> events = new ArrayList<>();

  /**
   * Writes to a function's log.
   *
   * @param function its name at AWS
   * @param extracted whether CloudWatch makes metrics of the lines; otherwise they are only logged
   */
  EmbeddedMetrics(OutputStream out, String function, InstantSource clock, boolean extracted) {
    this.out = out;
    this.function = function;
    this.clock = clock;
    this.extracted = extracted;
  }

  /** Creates metrics for the function with this environment. */
  static EmbeddedMetrics of(
      Map<String, String> environment, OutputStream out, InstantSource clock) {
    return new EmbeddedMetrics(
        out,
        environment.getOrDefault("AWS_LAMBDA_FUNCTION_NAME", "unnamed"),
        clock,
        !"off".equals(environment.get("TVM_METRICS")));
  }

  private enum Unit {
    COUNT("Count"),
    SECONDS("Seconds");

    private final String word;

    Unit(String word) {
      this.word = word;
    }
  }

  private record Event(
      Metric metric,
      double value,
      Unit unit,
      Map<String, String> dimensions,
      Map<String, String> fields) {}

  private synchronized void add(
      Metric metric,
      double value,
      Unit unit,
      Map<String, String> dimensions,
      Map<String, String> fields) {
    if (events.size() < MOST_EVENTS) {
      events.add(new Event(metric, value, unit, dimensions, fields));
    }
  }

  @Override
  public void vendEnded(String outcome, Optional<String> rule, boolean reused) {
    Map<String, String> dimensions = new LinkedHashMap<>();
    dimensions.put(Metric.OUTCOME, outcome);
    dimensions.put(Metric.REUSED, Boolean.toString(reused));
    Map<String, String> fields = rule.map(id -> Map.of(Metric.RULE, id)).orElse(Map.of());
    add(Metric.VENDS, 1, Unit.COUNT, dimensions, fields);
  }

  @Override
  public void callEnded(CallOutcome outcome, Duration took) {
    time(Metric.UPSTREAM_CALL, took, Map.of(Metric.STATUS, Metric.word(outcome)));
  }

  @Override
  public void waitEnded(WaitOutcome outcome, Duration waited) {
    time(Metric.BUDGET_WAIT, waited, Map.of(Metric.RESULT, Metric.word(outcome)));
  }

  private void time(Metric metric, Duration took, Map<String, String> dimensions) {
    add(metric, took.toNanos() / 1e9, Unit.SECONDS, dimensions, Map.of());
  }

  @Override
  public void breakerChanged(boolean open) {
    if (open) {
      add(Metric.CIRCUIT_BREAKER_OPENINGS, 1, Unit.COUNT, Map.of(), Map.of());
    }
  }

  @Override
  public void stateChanged(StateHealth health) {
    switch (health) {
      case UNAVAILABLE -> add(Metric.STATE_OUTAGES, 1, Unit.COUNT, Map.of(), Map.of());
      case REACHABLE -> {}
    }
  }

  /** Writes the events since the last call, if there are any. */
  void write() {
    List<Event> happened = take();
    if (happened.isEmpty()) {
      return;
    }
    ByteArrayOutputStream lines = new ByteArrayOutputStream(1024);
    packed(happened).forEach(line -> lines.writeBytes(line(line)));
    try {
      synchronized (out) {
        lines.writeTo(out);
        out.flush();
      }
    } catch (IOException e) {
      // Without a log there is nowhere to report this, and the response does not depend on it.
    }
  }

  /** Drops the events from before a snapshot. */
  void forget() {
    var _ = take();
  }

  private synchronized List<Event> take() {
    List<Event> taken = List.copyOf(events);
    events.clear();
    return taken;
  }

  /** Returns as few objects as possible; in each, a name has one value. */
  private static List<Map<Metric, Event>> packed(List<Event> events) {
    List<Map<Metric, Event>> lines = new ArrayList<>();
    for (Event event : events) {
      Map<Metric, Event> line =
          lines.stream()
              .filter(open -> !open.containsKey(event.metric()))
              .findFirst()
              .orElseGet(
                  () -> {
                    Map<Metric, Event> fresh = new EnumMap<>(Metric.class);
                    lines.add(fresh);
                    return fresh;
                  });
      line.put(event.metric(), event);
    }
    return lines;
  }

  private byte[] line(Map<Metric, Event> line) {
    JsonObject json = new JsonObject(512);
    if (extracted) {
      json.object(
          "_aws",
          new JsonObject()
              .number("Timestamp", clock.instant().toEpochMilli())
              .objects(
                  "CloudWatchMetrics",
                  line.values().stream().map(EmbeddedMetrics::declared).toList()));
    }
    json.text(Metric.FUNCTION, function);
    for (Event event : line.values()) {
      event.dimensions().forEach(json::text);
      event.fields().forEach(json::text);
      json.decimal(event.metric().title(), event.value());
    }
    return json.line();
  }

  private static JsonObject declared(Event event) {
    List<String> dimensions = new ArrayList<>(List.of(Metric.FUNCTION));
    dimensions.addAll(event.dimensions().keySet());
    return new JsonObject()
        .text("Namespace", Metric.NAMESPACE)
        .nested("Dimensions", dimensions)
        .objects(
            "Metrics",
            List.of(
                new JsonObject()
                    .text("Name", event.metric().title())
                    .text("Unit", event.unit().word)));
  }
}
