package tokenvending.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.stream.Stream;
import tokenvending.budget.BudgetQueue;
import tokenvending.budget.BudgetTerms;
import tokenvending.observation.QueueStatus;

/**
 * The budget queue in Redis or Valkey: one call of {@code queue.lua} for each step. A position
 * takes about 800 bytes in the store, and a step about 100 µs of its single thread.
 */
final class RedisBudgetQueue implements BudgetQueue {
  static final Script SCRIPT = Script.of(constants() + Script.read("queue.lua"));

  /**
   * An outage at most this much longer than one period ends before any instance grants from its
   * share.
   */
  private static final Duration HARMLESS = Duration.ofMillis(500);

  /**
   * How long all instances need to notice that an outage is over, in addition to two of their
   * longest steps.
   */
  private static final Duration RETURN = Duration.ofSeconds(1);

  private final RedisLink link;
  private final Script script;
  private final Duration longestStep;
  private final String[] keys;

  /** Whether the store ever responded, so that the queue existed. */
  private volatile boolean wasAnswered;

  /**
   * A queue over a link with its script loaded.
   *
   * @param script {@link #SCRIPT}, possibly with another clock
   * @param longestStep the longest timeout of any instance
   */
  RedisBudgetQueue(RedisLink link, String prefix, Script script, Duration longestStep) {
    this.longestStep = longestStep;
    this.link = link;
    this.script = script;
    // Key names in the store, on which all versions of this program must agree.
    this.keys =
        Stream.of(
                "state",
                "slots",
                "unanswered",
                "line",
                "present",
                "until",
                "absent",
                "places",
                "tickets",
                "waiters",
                "gone",
                "wider")
            .map(name -> prefix + name)
            .toArray(String[]::new);
  }

  private static String constants() {
    StringJoiner lines = new StringJoiner("\n", "", "\n");
    lines.add("local SPACING = " + micros(SPACING));
    lines.add("local GRACE = " + micros(GRACE));
    lines.add("local LONGEST_PAUSE = " + micros(LONGEST_PAUSE));
    lines.add("local LONGEST_RETRY_AFTER = " + micros(LONGEST_RETRY_AFTER));
    lines.add("local MOST_POSITIONS = " + MOST_POSITIONS);
    lines.add("local MOST_POSITIONS_OF_A_NETWORK = " + MOST_POSITIONS_OF_A_NETWORK);
    lines.add("local MOST_POSITIONS_OF_A_CALLER = " + MOST_POSITIONS_OF_A_CALLER);
    return lines.toString();
  }

  @Override
  public Poll poll(AcquireRequest request) {
    Duration outage = link.longestOutage();
    // In a shorter outage no instance grants from its own share, see FallbackBudgetQueue.
    boolean afterOutage =
        request.afterOutage() || outage.compareTo(request.terms().window().plus(HARMLESS)) > 0;
    Stream<String> arguments =
        Stream.of(
            flag(wasAnswered),
            request.caller().key(),
            flag(request.caller().shared()),
            Long.toString(micros(request.timeout())),
            Double.toString(request.chance()),
            flag(afterOutage),
            Long.toString(micros(request.waited())),
            Long.toString(micros(SILENCE.plus(link.roundTrip()))));
    Stream<String> wider =
        request.caller().wider().stream()
            .flatMap(
                network ->
                    Stream.of(
                        network.key(),
                        Integer.toString(network.share()),
                        Integer.toString(
                            network.positions(MOST_POSITIONS_OF_A_NETWORK, MOST_POSITIONS))));
    Optional<List<Object>> answer =
        step(
            "poll",
            request.ticket(),
            request.terms(),
            Stream.concat(arguments, wider).toArray(String[]::new));
    if (answer.isEmpty()) {
      return new Poll.Unavailable();
    }
    link.outageReported(outage);
    List<Object> result = answer.get();
    return switch (new String((byte[]) result.getFirst(), UTF_8)) {
      case "granted" -> new Poll.Granted();
      case "wait" -> new Poll.Wait(Duration.of((Long) result.get(1), ChronoUnit.MICROS));
      default ->
          new Poll.Rejected(Duration.ofSeconds((Long) result.get(1)), (Long) result.get(2) == 1);
    };
  }

  @Override
  public void answered(String ticket, Answer answer, BudgetTerms terms) {
    link.send(store -> send(store, "answered", ticket, terms, flag(answer == Answer.RATE_LIMITED)));
  }

  @Override
  public void release(String ticket) {
    link.send(store -> run(store, "release", ticket));
  }

  @Override
  public void leave(String ticket) {
    link.send(store -> run(store, "leave", ticket));
  }

  @Override
  public Optional<QueueStatus> status(BudgetTerms terms) {
    return step("status", "", terms, flag(wasAnswered))
        .map(
            numbers ->
                new QueueStatus(
                    number(numbers, 0),
                    number(numbers, 1),
                    number(numbers, 2),
                    number(numbers, 3),
                    Duration.of((Long) numbers.get(4), ChronoUnit.MICROS)));
  }

  @Override
  public Duration longestStep() {
    return longestStep;
  }

  @Override
  public boolean noticesOutages() {
    return true;
  }

  private static int number(List<Object> numbers, int index) {
    return Math.toIntExact((Long) numbers.get(index));
  }

  private Optional<List<Object>> step(
      String step, String ticket, BudgetTerms terms, String... more) {
    Optional<List<Object>> answer = link.call(store -> send(store, step, ticket, terms, more));
    wasAnswered |= answer.isPresent();
    return answer;
  }

  private RedisFuture<List<Object>> send(
      RedisAsyncCommands<String, byte[]> store,
      String step,
      String ticket,
      BudgetTerms terms,
      String... more) {
    Stream<String> first =
        Stream.of(
            step,
            ticket,
            Integer.toString(terms.slots()),
            Long.toString(micros(terms.window())),
            Long.toString(micros(terms.maxWait())),
            Long.toString(micros(terms.longestCall())),
            Long.toString(micros(RETURN.plus(longestStep.multipliedBy(2)))));
    return run(store, Stream.concat(first, Arrays.stream(more)).toArray(String[]::new));
  }

  private RedisFuture<List<Object>> run(
      RedisAsyncCommands<String, byte[]> store, String... arguments) {
    byte[][] bytes =
        Arrays.stream(arguments).map(text -> text.getBytes(UTF_8)).toArray(byte[][]::new);
    return store.evalsha(script.name(), ScriptOutputType.MULTI, keys, bytes);
  }

  private static String flag(boolean flag) {
    return flag ? "1" : "0";
  }

  private static long micros(Duration time) {
    return time.toNanos() / 1_000;
  }
}
