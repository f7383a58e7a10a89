package tokenvending.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tokenvending.observation.CallOutcome;
import tokenvending.observation.Condition;
import tokenvending.observation.Metric;
import tokenvending.observation.Observer;
import tokenvending.observation.QueueStatus;
import tokenvending.observation.ReloadState;

/** The meters. Each is looked up once; an event then costs an addition. */
final class Registry implements Observer, AutoCloseable {
  /** The label value if no rule matched; it is not a valid rule id. */
  static final String NO_RULE = "(none)";

  /** The label value of rules that are no longer in the file. */
  static final String FORMER_RULE = "(former)";

  static final String OTHER_OUTCOME = "(other)";

  /** Outcomes before a rule matches. */
  private static final List<String> WITHOUT_RULE =
      List.of(
          "internal",
          "malformed-request",
          "not-permitted",
          "temporarily-unavailable",
          "throttled",
          "unauthenticated");

  /** Outcomes after a rule matched. */
  private static final List<String> BY_RULE =
      List.of("not-permitted", "temporarily-unavailable", "throttled", "upstream-fault", "vended");

  /** Bucket limits of calls, up to the longest call, 4 s. */
  private static final Duration[] CALLS = millis(5, 10, 25, 50, 100, 250, 500, 1_000, 2_000, 4_000);

  /** Bucket limits of waits, up to the longest one that can be configured, 5 s. */
  private static final Duration[] WAITS = millis(5, 50, 100, 250, 500, 1_000, 2_000, 5_000);

  private final PrometheusMeterRegistry meters =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Map<Vend, Counter> vends = new ConcurrentHashMap<>();
  private final Map<CallOutcome, Timer> calls = new EnumMap<>(CallOutcome.class);
  private final Map<WaitOutcome, Timer> waits = new EnumMap<>(WaitOutcome.class);
  private final Counter breakerOpenings = counter(Metric.CIRCUIT_BREAKER_OPENINGS, Tags.empty());
  private final Counter stateLosses = counter(Metric.STATE_OUTAGES, Tags.empty());
  private final Map<Metric, MultiGauge> gauges = new EnumMap<>(Metric.class);
  private final ReentrantLock reading = new ReentrantLock();
  private final String version;
  private volatile Set<String> rules = Set.of();
  private @Nullable Machinery machinery;

  Registry(String version, Set<String> rules) {
    this.version = version;
    // All counters exist from the start, because one that appears with its first event shows no
    // increase.
    for (CallOutcome outcome : CallOutcome.values()) {
      Tags tags = Tags.of(Metric.STATUS, Metric.word(outcome));
      calls.put(outcome, timer(Metric.UPSTREAM_CALL, tags, CALLS));
    }
    for (WaitOutcome outcome : WaitOutcome.values()) {
      Tags tags = Tags.of(Metric.RESULT, Metric.word(outcome));
      waits.put(outcome, timer(Metric.BUDGET_WAIT, tags, WAITS));
    }
    rulesInForce(rules);
  }

  /** A combination of labels. */
  private record Vend(String outcome, String rule, boolean reused) {}

  private static Duration[] millis(long... times) {
    Duration[] durations = new Duration[times.length];
    for (int i = 0; i < times.length; i++) {
      durations[i] = Duration.ofMillis(times[i]);
    }
    return durations;
  }

  private Timer timer(Metric metric, Tags tags, Duration[] buckets) {
    return Timer.builder(metric.title())
        .description(metric.meaning())
        .tags(tags)
        .serviceLevelObjectives(buckets)
        .register(meters);
  }

  private Counter counter(Metric metric, Tags tags) {
    return Counter.builder(metric.title())
        .description(metric.meaning())
        .tags(tags)
        .register(meters);
  }

  private Counter counter(Vend vend) {
    return counter(
        Metric.VENDS,
        Tags.of(
            Metric.OUTCOME,
            vend.outcome(),
            Metric.RULE,
            vend.rule(),
            Metric.REUSED,
            Boolean.toString(vend.reused())));
  }

  /** Drops all other rules. Called by one thread at a time. */
  void rulesInForce(Set<String> ids) {
    rules = ids;
    vends
        .entrySet()
        .removeIf(
            known -> isGone(known.getKey().rule()) && meters.remove(known.getValue()) != null);
    WITHOUT_RULE.forEach(outcome -> count(new Vend(outcome, NO_RULE, false), 0));
    for (String id : ids) {
      BY_RULE.forEach(outcome -> count(new Vend(outcome, id, false), 0));
      count(new Vend("vended", id, true), 0);
    }
  }

  private boolean isGone(String rule) {
    return !rules.contains(rule) && !rule.equals(NO_RULE) && !rule.equals(FORMER_RULE);
  }

  private void count(Vend vend, double amount) {
    vends.computeIfAbsent(vend, this::counter).increment(amount);
  }

  @Override
  public void vendEnded(String outcome, Optional<String> rule, boolean reused) {
    boolean known = BY_RULE.contains(outcome) || WITHOUT_RULE.contains(outcome);
    count(
        new Vend(
            known ? outcome : OTHER_OUTCOME,
            rule.map(id -> rules.contains(id) ? id : FORMER_RULE).orElse(NO_RULE),
            reused),
        1);
  }

  @Override
  public void callEnded(CallOutcome outcome, Duration took) {
    present(calls, outcome).record(took);
  }

  @Override
  public void waitEnded(WaitOutcome outcome, Duration waited) {
    present(waits, outcome).record(waited);
  }

  private static <K> Timer present(Map<K, Timer> timers, K key) {
    return Objects.requireNonNull(timers.get(key), "all are there from the start");
  }

  @Override
  public void breakerChanged(boolean open) {
    if (open) {
      breakerOpenings.increment();
    }
  }

  @Override
  public void stateChanged(StateHealth health) {
    switch (health) {
      case UNAVAILABLE -> stateLosses.increment();
      case REACHABLE -> {}
    }
  }

  byte[] text(Condition now) {
    reading.lock();
    try {
      if (machinery == null) {
        machinery = Machinery.watchedBy(meters);
      }
      show(Metric.BUILD, Stream.of(Row.of(Tags.of(Metric.VERSION, version), 1)));
      show(Metric.POLICY, Stream.of(Row.of(Tags.of(Metric.VERSION, now.policyVersion()), 1)));
      show(Metric.READY, flag(now.ready()));
      show(Metric.AUDIT_WRITABLE, flag(now.auditWritable()));
      show(Metric.CIRCUIT_BREAKER_OPEN, flag(now.breakerOpen()));
      show(
          Metric.STATE_REACHABLE,
          now.state().stream().flatMap(health -> flag(health == StateHealth.REACHABLE)));
      show(now.budget());
      show(
          Metric.KEY_SET_USABLE,
          now.keySets().stream().map(keys -> Row.of(issuer(keys), keys.age().isPresent() ? 1 : 0)));
      show(
          Metric.KEY_SET_AGE,
          now.keySets().stream()
              .flatMap(keys -> keys.age().stream().map(age -> Row.of(issuer(keys), seconds(age)))));
      show(
          Metric.RELOAD_SUCCESS,
          now.reloads().stream().map(it -> Row.of(input(it), it.problem().isEmpty() ? 1 : 0)));
      show(
          Metric.RELOAD_LAST_SUCCESS,
          now.reloads().stream()
              .flatMap(it -> it.lastSuccess().stream().map(at -> Row.of(input(it), seconds(at)))));
      return meters.scrape().getBytes(UTF_8);
    } finally {
      reading.unlock();
    }
  }

  private void show(Optional<QueueStatus> budget) {
    show(Metric.BUDGET_SLOTS, budget.stream().flatMap(queue -> value(queue.slots())));
    show(Metric.BUDGET_FREE, budget.stream().flatMap(queue -> value(queue.free())));
    show(Metric.BUDGET_WAITING, budget.stream().flatMap(queue -> value(queue.waiting())));
    show(Metric.BUDGET_QUEUE_POSITIONS, budget.stream().flatMap(queue -> value(queue.positions())));
    show(
        Metric.BUDGET_EXPECTED_WAIT,
        budget.stream().flatMap(queue -> value(seconds(queue.newCallerWait()))));
  }

  /** Replaces the values of a gauge. */
  private void show(Metric metric, Stream<Row<Number>> rows) {
    gauges
        .computeIfAbsent(
            metric,
            // Micrometer recognizes info metrics by a name with dots, and keeps the name.
            m ->
                MultiGauge.builder(m.title().replace('_', '.'))
                    .description(m.meaning())
                    .register(meters))
        .register(List.copyOf(rows.toList()), true);
  }

  private static Stream<Row<Number>> flag(boolean on) {
    return value(on ? 1 : 0);
  }

  private static Stream<Row<Number>> value(Number value) {
    return Stream.of(Row.of(Tags.empty(), value));
  }

  private static Tags issuer(Condition.KeySet keys) {
    return Tags.of(Metric.ISSUER, keys.issuer());
  }

  private static Tags input(ReloadState.Reload reload) {
    return Tags.of(Metric.INPUT, reload.input().label());
  }

  private static double seconds(Instant at) {
    return at.toEpochMilli() / 1e3;
  }

  private static double seconds(Duration time) {
    return time.toNanos() / 1e9;
  }

  @Override
  public void close() {
    reading.lock();
    try {
      if (machinery != null) {
        machinery.close();
      }
    } finally {
      reading.unlock();
    }
    meters.close();
  }
}
