package tokenvending.aws;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.LongSupplier;
import tokenvending.aws.AttributeValue.Flag;
import tokenvending.aws.AttributeValue.Named;
import tokenvending.aws.AttributeValue.Text;
import tokenvending.aws.AttributeValue.Whole;
import tokenvending.aws.DynamoDbLink.Pulse;
import tokenvending.budget.BudgetQueue;
import tokenvending.limits.RateCounters;
import tokenvending.state.BlockStore;
import tokenvending.state.SealedEntries;
import tokenvending.state.SharedState;

/**
 * Shared state in a DynamoDB table with the string keys {@code pk} (partition) and {@code sk}
 * (sort) and a time to live on {@code expires}. Region and credentials come from the sources of
 * AWS's SDK.
 *
 * <p>The table has no clock, so each instance uses its own: the clocks of all instances must agree
 * within 25 ms, as AWS's do. Each period is longer by that time. If an instance's clock contradicts
 * AWS's responses, the table is unavailable to it. If an instance reads a time in its future, it
 * closes the queue for a while.
 */
public final class DynamoDbState implements SharedState {
  private static final String PREFIX = "tvm#";

  /**
   * The timeout for a response and for its body. An abandoned call can hold its connection for both
   * together.
   */
  static final Duration TIMEOUT = Duration.ofSeconds(1);

  private final DynamoDbLink link;
  private final BudgetQueue queue;
  private final RateCounters counters;
  private final SealedEntries entries;
  private final BlockStore blocks;

  private DynamoDbState(DynamoDbLink link, String prefix, InstantSource clock, Pulse pulse) {
    this.link = link;
    this.queue = new DynamoDbBudgetQueue(link, prefix, clock, pulse);
    this.counters = new DynamoDbCounters(link, prefix + "count#", clock);
    this.entries = new DynamoDbEntries(link, prefix + "entry#", clock);
    this.blocks = new DynamoDbBlocks(link, prefix + "blocks");
  }

  /**
   * Opens the state for a server: a thread checks four times a second that the table is available.
   * Does not wait for the table.
   *
   * @param nanoTime a monotonic clock
   */
  public static DynamoDbState open(String table, InstantSource clock, LongSupplier nanoTime) {
    return ofProcess(table, clock, nanoTime, Pulse.YES);
  }

  /**
   * Opens the state for a function, which is suspended between events: connects with the first
   * step, and does not treat the suspension as an outage. A function must not use its own share
   * during an outage, because it cannot notice that others do.
   *
   * @param nanoTime a monotonic clock
   */
  public static DynamoDbState openLazily(String table, InstantSource clock, LongSupplier nanoTime) {
    return ofProcess(table, clock, nanoTime, Pulse.NO);
  }

  /**
   * Runs what a function's first vend needs of the table, before a snapshot. Sends nothing.
   *
   * @param nanoTime a monotonic clock
   */
  public static void prime(InstantSource clock, LongSupplier nanoTime) {
    try (Table table = table("priming", clock, nanoTime)) {
      Map<String, AttributeValue> taken = Map.of("a", new Whole(1), "d", new Flag(false));
      table.prime(Map.of("pk", new Text("priming"), "v", new Whole(1), "t", new Named(taken)));
    } catch (IOException e) {
      // The first step then loads its classes.
    }
  }

  private static Table table(String name, InstantSource clock, LongSupplier nanoTime) {
    JsonService service = new JsonService(JsonService.Service.DYNAMODB, TIMEOUT, clock, nanoTime);
    return new Table(name, service, new ClockCheck(clock));
  }

  /** Opens the state with the account of this process. */
  private static DynamoDbState ofProcess(
      String table, InstantSource clock, LongSupplier nanoTime, Pulse pulse) {
    return open(
        table(table, clock, nanoTime), PREFIX, clock, nanoTime, pulse, DynamoDbLink.TIMEOUT);
  }

  /** Opens the state under a key prefix, for tests that share a table. */
  static DynamoDbState open(
      Table table,
      String prefix,
      InstantSource clock,
      LongSupplier nanoTime,
      Pulse pulse,
      Duration timeout) {
    DynamoDbLink link =
        new DynamoDbLink(
            table, nanoTime, pulse, timeout, Items.key(prefix + DynamoDbBudgetQueue.QUEUE));
    return new DynamoDbState(link, prefix, clock, pulse);
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
  public BlockStore blocks() {
    return blocks;
  }

  @Override
  public void close() {
    link.close();
  }
}
