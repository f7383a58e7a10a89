package tokenvending.budget;

import java.time.Duration;
import java.util.Optional;

/**
 * The slots of one account and the line of those who wait for them. There are as many slots as the
 * rate counts; one is taken when a call may be made, and is free again one period after its answer.
 * All steps are atomic and return at once; nobody is woken, everybody looks again when told to.
 *
 * <p>The line is ordered by rank: the time of arrival at the machine, and for somebody who has
 * other requests in line, {@link #TURN} later for each of them. A free slot goes to whoever has the
 * best rank of those present. Who is told to come back keeps his rank for a while; he is passed
 * over until then, so no slot stays empty for him. Several instances may stand behind one line;
 * implementations in a store hold it there, by the store's own clock.
 *
 * <p>Thread-safe. A step that needs a store which is away says {@link Look.Away}, or for those
 * without an answer does nothing: a slot that is never given back is free after {@link
 * BudgetTerms#longestCall} and one period. The contract is {@code BudgetLineContract} in the test
 * kit.
 */
public interface BudgetLine {
  /** How much further back each further request of one applicant stands. */
  Duration TURN = Duration.ofSeconds(5);

  /**
   * So much earlier than his first question somebody can have come, at most: on a busy machine
   * there is a way from the door to the line. It is told as a duration, so clocks need not agree.
   */
  Duration LONGEST_WAY = Duration.ofSeconds(3);

  /** How long after his time somebody's place is kept. */
  Duration GRACE = Duration.ofSeconds(10);

  /** Somebody present who does not look again this long after he should have is gone. */
  Duration SILENCE = Duration.ofMillis(300);

  /** Nobody present looks less often. */
  Duration LONGEST_PAUSE = Duration.ofMillis(250);

  /** Nobody is sent away for longer; who comes back early keeps his rank all the same. */
  Duration LONGEST_ABSENCE = Duration.ofMinutes(5);

  /** How many places are kept in all. Beyond, people are told a time but have no place. */
  int PLACES = 10_000;

  /** How many of these one applicant may have, when several people may stand behind him. */
  int PLACES_OF_A_CROWD = 1_000;

  /** How many of these one identified caller may have. */
  int PLACES_OF_A_CALLER = 16;

  /** Somebody is here, and asks for a slot, or asks again. */
  Look ask(Ask ask);

  /** The call was answered: its slot is free one period from now. */
  void answered(String ticket, Answer answer, BudgetTerms terms);

  /** The call was not made after all: its slot is free at once. */
  void unused(String ticket);

  /** Whoever held the ticket is gone for good, and his place with him. */
  void leave(String ticket);

  /** How it looks; absent while it cannot be seen. */
  Optional<Standing> standing(BudgetTerms terms);

  /** How long a step can take before its result is {@link Look.Away}. */
  default Duration longestStep() {
    return Duration.ofMillis(250);
  }

  /**
   * Whether outages are noticed without a step, too. Such a line closes by itself after one that
   * was long enough for another instance to go on without it; others must be told by {@link
   * Ask#afterAbsence}.
   */
  default boolean noticesOutages() {
    return false;
  }

  /**
   * One question.
   *
   * @param ticket names this request, and later its slot; unique among all instances
   * @param waited how long ago he came, up to {@link #LONGEST_WAY}
   * @param patience for how long he will stay from now; nothing left means that he goes now
   * @param chance from 0 to 1, spreads those who are sent away together
   * @param afterAbsence whether this instance went on without the line until just now. Nothing is
   *     granted for a period then, so that what it and its peers did meanwhile is over
   */
  record Ask(
      BudgetCaller applicant,
      String ticket,
      Duration waited,
      Duration patience,
      double chance,
      boolean afterAbsence,
      BudgetTerms terms) {
    public Ask {
      waited = waited.isNegative() ? Duration.ZERO : waited;
      waited = waited.compareTo(LONGEST_WAY) > 0 ? LONGEST_WAY : waited;
    }
  }

  /** What he is told. */
  sealed interface Look {
    /** He has a slot, for one call that begins now. */
    record Granted() implements Look {}

    /** Not yet: he stays, and asks again after this time. */
    record Wait(Duration lookAgain) implements Look {}

    /**
     * His turn will not come in time.
     *
     * @param after in whole seconds, at least one, spread; a little before his turn
     * @param kept whether his place is kept until then
     */
    record ComeBack(Duration after, boolean kept) implements Look {}

    /** The line cannot be seen now. */
    record Away() implements Look {}
  }

  /** What the token service made of a call. */
  enum Answer {
    /** It was answered, or its deadline passed. */
    GIVEN,
    /** It was refused because the account's limit was reached: somebody else mints too. */
    OVER_LIMIT
  }

  /**
   * How it looks, for whoever watches.
   *
   * @param slots how many there are now, fewer for a while after {@link Answer#OVER_LIMIT}
   * @param free how many of these could be had at once
   * @param present how many people wait here
   * @param places how many are in line, with those who were told to come back
   * @param newcomerWaits how long somebody who came now would wait
   */
  record Standing(int slots, int free, int present, int places, Duration newcomerWaits) {}
}
