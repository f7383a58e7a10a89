package tokenvending.budget;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import tokenvending.budget.BudgetQueue.AcquireRequest;
import tokenvending.budget.BudgetQueue.Answer;
import tokenvending.budget.BudgetQueue.Poll;
import tokenvending.observation.QueueStatus;
import tokenvending.testing.SettableNanos;

/**
 * People who come to a {@link BudgetQueue}, wait, come back when they are told to, and call an
 * upstream that refuses a sixth call within a second. Time is pretended, and the seed decides
 * everything.
 */
final class Crowd {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000 * MILLI;

  private final SettableNanos clock = new SettableNanos();
  private final MemoryBudgetQueue queue = new MemoryBudgetQueue(clock);
  private final BudgetTerms terms;
  private final SplittableRandom random;
  private final long upstreamTakes;

  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final Deque<Long> atUpstream = new ArrayDeque<>();
  private final List<Person> people = new ArrayList<>();
  private int slowCalls;
  private long slowTakes;
  private long now;
  private long made;
  private int tickets;

  private int refused;
  private int calls;
  private long firstCall = -1;
  private long lastCall;

  private record Event(long at, long order, Runnable what) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(at, other.at);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  /** Somebody who wants one token. */
  static final class Person {
    private final BudgetCaller caller;
    private final long arrived;
    private final double obeys;
    private long served = -1;
    private int asked;

    private Person(BudgetCaller caller, long arrived, double obeys) {
      this.caller = caller;
      this.arrived = arrived;
      this.obeys = obeys;
    }

    double waited() {
      return (served - arrived) / (double) SECOND;
    }

    double arrived() {
      return arrived / (double) SECOND;
    }

    boolean isServed() {
      return served >= 0;
    }
  }

  Crowd(BudgetTerms terms, Duration upstreamTakes, long seed) {
    this.terms = terms;
    this.upstreamTakes = upstreamTakes.toNanos();
    this.random = new SplittableRandom(seed);
  }

  /** The first calls take longer, as they do in a process that has just started. */
  void startsSlowly(int calls, Duration each) {
    slowCalls = calls;
    slowTakes = each.toNanos();
  }

  /** Somebody comes; when told to come back he does, with this probability, or stays away. */
  Person comes(String who, Duration at, double obeys) {
    return comes(new BudgetCaller(who, false), at, obeys);
  }

  Person comes(BudgetCaller who, Duration at, double obeys) {
    Person person = new Person(who, at.toNanos(), obeys);
    people.add(person);
    at(person.arrived, () -> asks(person));
    return person;
  }

  private void at(long time, Runnable what) {
    events.add(new Event(Math.max(now, time), made++, what));
  }

  /** Lets it all happen. */
  void run() {
    for (Event event = events.poll(); event != null; event = events.poll()) {
      clock.advance(Duration.ofNanos(event.at() - now));
      now = event.at();
      event.what().run();
    }
  }

  private void asks(Person person) {
    person.asked++;
    looks(person, "t" + tickets++, now + terms.maxWait().toNanos());
  }

  private void looks(Person person, String ticket, long until) {
    Duration timeout = Duration.ofNanos(Math.max(0, until - now));
    AcquireRequest request =
        new AcquireRequest(
            person.caller, ticket, Duration.ZERO, timeout, random.nextDouble(), false, terms);
    switch (queue.poll(request)) {
      case Poll.Granted() -> calls(person, ticket);
      case Poll.Wait(Duration again) -> {
        // A thread is woken a little late.
        long pause = Math.min(again.toNanos(), Math.max(MILLI, until - now));
        at(now + pause + random.nextLong(MILLI), () -> looks(person, ticket, until));
      }
      case Poll.Rejected(Duration after, boolean kept) -> {
        if (random.nextDouble() < person.obeys) {
          at(now + after.toNanos() + random.nextLong(20 * MILLI), () -> asks(person));
        }
      }
      case Poll.Unavailable() -> throw new AssertionError("it is here");
    }
  }

  private void calls(Person person, String ticket) {
    at(now + jitter(), () -> arrives(person, ticket));
  }

  private long jitter() {
    return MILLI + random.nextLong(19 * MILLI);
  }

  private void arrives(Person person, String ticket) {
    while (!atUpstream.isEmpty() && now - atUpstream.getFirst() >= SECOND) {
      atUpstream.removeFirst();
    }
    boolean over = atUpstream.size() >= 5;
    if (over) {
      refused++;
    } else {
      atUpstream.addLast(now);
      calls++;
      firstCall = firstCall < 0 ? now : firstCall;
      lastCall = now;
    }
    at(
        now + (calls + refused <= slowCalls ? slowTakes : upstreamTakes) + jitter(),
        () -> {
          queue.answered(ticket, over ? Answer.RATE_LIMITED : Answer.GIVEN, terms);
          if (!over) {
            person.served = now;
          }
        });
  }

  List<Person> people() {
    return people;
  }

  int mostAsked() {
    return people.stream().mapToInt(person -> person.asked).max().orElse(0);
  }

  int refused() {
    return refused;
  }

  /** Calls made, by calls that five a second would have allowed from the first to the last. */
  double used() {
    return (calls - 1) / (5.0 * (lastCall - firstCall) / SECOND);
  }

  /** For each, how long he waited beyond 1.3 times his position in the order of arrival. */
  double worstBeyondIdeal() {
    List<Person> byArrival = new ArrayList<>(people);
    byArrival.sort((a, b) -> Long.compare(a.arrived, b.arrived));
    double worst = Double.NEGATIVE_INFINITY;
    double first = byArrival.getFirst().arrived();
    for (int position = 0; position < byArrival.size(); position++) {
      Person person = byArrival.get(position);
      double ideal = Math.max(0, first + position / 5.0 - person.arrived());
      worst = Math.max(worst, person.waited() - 1.3 * ideal);
    }
    return worst;
  }

  QueueStatus status() {
    return queue.status(terms).orElseThrow();
  }
}
