package tokenvending.aws;

import java.time.Duration;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import tokenvending.aws.DynamoDbLink.Pulse;
import tokenvending.budget.BudgetQueue;
import tokenvending.limits.RateCounters;
import tokenvending.state.SealedEntries;
import tokenvending.state.SharedState;

/**
 * State in a DynamoDB table: partition key {@code pk} and sort key {@code sk}, both text, time to
 * live on {@code expires}. Region and credentials come from where the AWS SDK finds them.
 *
 * <p>The table has no clock that a step could use, so each instance goes by its own: the clocks of
 * all instances must agree within 25 ms, which AWS's own do by far. Each period is longer by that.
 * An instance whose clock is off by more than AWS's responses allow takes the table to be
 * unavailable, and one that reads what was written in its future closes the queue for a while.
 */
public final class DynamoDbState implements SharedState {
  private static final String PREFIX = "tvm#";

  /**
   * How long the table may be silent, and how long an answer's body may take: for so long,
   * together, a call that was given up can hold its connection.
   */
  static final Duration TIMEOUT = Duration.ofSeconds(1);

  private final DynamoDbLink link;
  private final BudgetQueue queue;
  private final RateCounters counters;
  private final SealedEntries entries;

  private DynamoDbState(DynamoDbLink link, String prefix, InstantSource clock) {
    this.link = link;
    this.queue = new DynamoDbBudgetQueue(link, prefix, clock);
    this.counters = new DynamoDbCounters(link, prefix + "count#", clock);
    this.entries = new DynamoDbEntries(link, prefix + "entry#", clock);
  }

  /**
   * For a process that runs all the time: a thread checks four times a second that the table is
   * available. Does not wait for it.
   *
   * @param nanoTime a clock that never steps
   */
  public static DynamoDbState open(String table, InstantSource clock, LongSupplier nanoTime) {
    return ofProcess(table, clock, nanoTime, Pulse.YES);
  }

  /**
   * For a function, which is frozen between two events: opens nothing before the first step, and
   * never takes the freeze for an outage. It must not go on alone while the table is unavailable,
   * since it cannot notice that others do.
   *
   * @param nanoTime a clock that never steps
   */
  public static DynamoDbState openLazily(String table, InstantSource clock, LongSupplier nanoTime) {
    return ofProcess(table, clock, nanoTime, Pulse.NO);
  }

  /** By the account of this process. */
  private static DynamoDbState ofProcess(
      String table, InstantSource clock, LongSupplier nanoTime, Pulse pulse) {
    JsonService service = new JsonService(JsonService.Service.DYNAMODB, TIMEOUT, clock, nanoTime);
    return open(
        new Table(table, service, new ClockCheck(clock)),
        PREFIX,
        clock,
        nanoTime,
        pulse,
        DynamoDbLink.TIMEOUT);
  }

  /** As if the table were another one, for tests that share it. */
  static DynamoDbState open(
      Table table,
      String prefix,
      InstantSource clock,
      LongSupplier nanoTime,
      Pulse pulse,
      Duration timeout) {
    DynamoDbLink link =
        new DynamoDbLink(
            table, nanoTime, pulse, timeout, Items.key(prefix + DynamoDbBudgetQueue.SLOTS));
    return new DynamoDbState(link, prefix, clock);
  }

  @Override
  public BudgetQueue queue() {
    return queue;
  }

  @Override
  public RateCounters counters() {
    return counters;
  }

  @Override
  public SealedEntries entries() {
    return entries;
  }

  @Override
  public void close() {
    link.close();
  }
}
