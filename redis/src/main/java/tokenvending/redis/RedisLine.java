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
import tokenvending.budget.BudgetLine;
import tokenvending.budget.BudgetTerms;

/**
 * The line in the store, in {@code line.lua}. A place takes about 800 bytes there, and a step about
 * 100 µs of the store's one thread.
 */
final class RedisLine implements BudgetLine {
  static final Script SCRIPT = Script.of(constants() + Script.read("line.lua"));

  /**
   * An absence that is longer than one period by no more than this is over before any instance has
   * granted from its own share.
   */
  private static final Duration HARMLESS = Duration.ofMillis(500);

  /**
   * After an absence, the time for all instances to notice that the store is back, beside two of
   * their longest steps.
   */
  private static final Duration RETURN = Duration.ofSeconds(1);

  private final RedisLink link;
  private final Script script;
  private final Duration longestStep;
  private final String[] keys;

  /** Whoever was ever answered knows that the line was there. */
  private volatile boolean wasAnswered;

  /**
   * A queue by a link that knows its script.
   *
   * @param script {@link #SCRIPT}, but for its clock
   * @param longestStep the longest wait for an answer that any instance has
   */
  RedisLine(RedisLink link, String prefix, Script script, Duration longestStep) {
    this.longestStep = longestStep;
    this.link = link;
    this.script = script;
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
                "standees",
                "gone",
                "wider")
            .map(name -> prefix + name)
            .toArray(String[]::new);
  }

  private static String constants() {
    StringJoiner lines = new StringJoiner("\n", "", "\n");
    lines.add("local TURN = " + micros(TURN));
    lines.add("local GRACE = " + micros(GRACE));
    lines.add("local LONGEST_PAUSE = " + micros(LONGEST_PAUSE));
    lines.add("local LONGEST_ABSENCE = " + micros(LONGEST_ABSENCE));
    lines.add("local MOST_PLACES = " + PLACES);
    lines.add("local PLACES_OF_A_CROWD = " + PLACES_OF_A_CROWD);
    lines.add("local PLACES_OF_A_CALLER = " + PLACES_OF_A_CALLER);
    return lines.toString();
  }

  @Override
  public Look ask(Ask ask) {
    Duration absence = link.longestAbsence();
    // A shorter one cannot have made another instance go on alone, see FallbackLine.
    boolean afterAbsence =
        ask.afterAbsence() || absence.compareTo(ask.terms().window().plus(HARMLESS)) > 0;
    Stream<String> arguments =
        Stream.of(
            flag(wasAnswered),
            ask.applicant().key(),
            flag(ask.applicant().crowd()),
            Long.toString(micros(ask.patience())),
            Double.toString(ask.chance()),
            flag(afterAbsence),
            Long.toString(micros(ask.waited())),
            Long.toString(micros(SILENCE.plus(link.roundTrip()))));
    Stream<String> wider =
        ask.applicant().wider().stream()
            .flatMap(
                network ->
                    Stream.of(
                        network.key(),
                        Integer.toString(network.share()),
                        Integer.toString(network.places(PLACES_OF_A_CROWD, PLACES))));
    Optional<List<Object>> answer =
        step(
            "ask",
            ask.ticket(),
            ask.terms(),
            Stream.concat(arguments, wider).toArray(String[]::new));
    if (answer.isEmpty()) {
      return new Look.Away();
    }
    link.absenceReported(absence);
    List<Object> look = answer.get();
    return switch (new String((byte[]) look.getFirst(), UTF_8)) {
      case "granted" -> new Look.Granted();
      case "wait" -> new Look.Wait(Duration.of((Long) look.get(1), ChronoUnit.MICROS));
      default -> new Look.ComeBack(Duration.ofSeconds((Long) look.get(1)), (Long) look.get(2) == 1);
    };
  }

  @Override
  public void answered(String ticket, Answer answer, BudgetTerms terms) {
    link.tell(store -> send(store, "answered", ticket, terms, flag(answer == Answer.OVER_LIMIT)));
  }

  @Override
  public void unused(String ticket) {
    link.tell(store -> run(store, "unused", ticket));
  }

  @Override
  public void leave(String ticket) {
    link.tell(store -> run(store, "leave", ticket));
  }

  @Override
  public Optional<Standing> standing(BudgetTerms terms) {
    return step("standing", "", terms, flag(wasAnswered))
        .map(
            numbers ->
                new Standing(
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
    Optional<List<Object>> answer = link.ask(store -> send(store, step, ticket, terms, more));
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
