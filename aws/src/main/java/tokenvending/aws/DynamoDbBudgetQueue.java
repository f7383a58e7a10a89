package tokenvending.aws;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tokenvending.aws.AttributeValue.Text;
import tokenvending.aws.DynamoDbLink.Step;
import tokenvending.aws.QueuePositions.Position;
import tokenvending.aws.QueuePositions.QueuedCaller;
import tokenvending.aws.QueuePositions.Waiting;
import tokenvending.aws.Table.Placeholders;
import tokenvending.budget.BudgetCaller;
import tokenvending.budget.BudgetQueue;
import tokenvending.budget.BudgetTerms;
import tokenvending.observation.QueueStatus;

/**
 * The budget queue in a DynamoDB table. The budget depends only on one item with all slots: a slot
 * is taken by a conditional write that fails if another slot was granted since the item was read.
 * Positions are separate items ({@link QueuePositions}), read at about the same time, so of two
 * simultaneous polls the one with the higher rank number can be first. All times are in
 * microseconds since 1970, by the clock of the instance that polls.
 *
 * <p>It holds fewer positions than other queues: 2,000 in total, and 250 of one network, which are
 * in one item of limited size.
 */
final class DynamoDbBudgetQueue implements BudgetQueue {
  /** The partition of the slots and of the callers that wait: one read returns both. */
  static final String QUEUE = "queue";

  private static final Logger LOG = LoggerFactory.getLogger(DynamoDbBudgetQueue.class);

  private static final int MOST_POSITIONS = 2_000;
  private static final int MOST_POSITIONS_OF_A_NETWORK = 250;

  private static final QueuedCaller UNKNOWN = new QueuedCaller(OptionalLong.empty(), Map.of());

  /** The shortest time between polls, because each poll is at least two calls. */
  private static final long SHORTEST_PAUSE = 10_000;

  /** Tolerance for differences between clocks. */
  private static final long EARLY = 100_000;

  /** How long all instances need to notice that an outage is over. */
  private static final long RETURN = 1_500_000;

  /** How late a call that was in progress can reach the service, if no instance works alone. */
  private static final long LATE = 100_000;

  /** How often a step is retried after a concurrent write. */
  private static final int TRIES = 5;

  /** When a waiting caller polls again after that. */
  private static final Duration WHILE_BUSY = Duration.ofMillis(100);

  /** How many expired positions are removed with one poll. */
  private static final int PORTION = 2;

  private final DynamoDbLink link;
  private final String partition;
  private final SlotsItem item;
  private final QueuePositions positions;
  private final InstantSource clock;

  /** How long after a period nothing is granted if the slots are missing. */
  private final long afterLoss;

  /** The positions of callers that wait in this instance, by ticket. */
  private final Map<String, Held> waiting = new ConcurrentHashMap<>();

  private volatile long outagesReported;
  private volatile long seenVersion;

  /**
   * Makes no call yet.
   *
   * @param pulse without one, this instance never works alone
   */
  DynamoDbBudgetQueue(
      DynamoDbLink link, String prefix, InstantSource clock, DynamoDbLink.Pulse pulse) {
    this.afterLoss = pulse == DynamoDbLink.Pulse.NO ? LATE : RETURN;
    this.link = link;
    this.partition = prefix + QUEUE;
    this.item = new SlotsItem(Items.key(partition));
    this.positions = new QueuePositions(partition, prefix);
    this.clock = clock;
  }

  /** The position of a caller that waits here, and how long it counts as waiting. */
  private record Held(Position position, long until) {}

  /** The state of the caller at a position. */
  private enum State {
    /** The caller already waits. */
    WAITING,
    /** The caller was rejected and can come back. */
    EXPECTED,
    /** The caller or its process stopped polling. */
    SILENT,
    /** The position is new. */
    NEW
  }

  /** A position that a caller has already. */
  private record Known(Position position, State state) {}

  @Override
  public Poll poll(AcquireRequest request) {
    long outages = link.outages();
    boolean closes = request.afterOutage() || outages != outagesReported;
    return switch (link.call(step -> poll(step, request, closes))) {
      case Reply.Answered(Poll poll) -> {
        outagesReported = outages;
        yield poll;
      }
      case Reply.Busy<Poll> busy ->
          waiting.containsKey(request.ticket()) && !request.timeout().isZero()
              ? new Poll.Wait(WHILE_BUSY)
              : new Poll.Rejected(Duration.ofSeconds(1 + (long) (request.chance() * 3)), false);
      case Reply.Unavailable<Poll> unavailable -> new Poll.Unavailable();
    };
  }

  private Poll poll(Step step, AcquireRequest request, boolean closes) {
    if (closes) {
      var _ = read(step, request.terms());
      close(step, request.terms());
    }
    for (int i = 0; i < TRIES; i++) {
      Optional<Poll> poll = new View(step, request, read(step, request.terms())).poll();
      if (poll.isPresent()) {
        return poll.get();
      }
    }
    throw new DynamoDbLink.TooMany();
  }

  /**
   * The queue at one moment.
   *
   * @param waiting the callers that wait, the best rank first
   */
  private record Snapshot(Slots slots, List<Waiting> waiting) {}

  /** Reads the current queue, and closes it if something may have been lost. */
  private Snapshot read(Step step, BudgetTerms terms) {
    long seenBefore = seenVersion;
    Snapshot queue = readOrCreate(step, terms);
    Slots slots = queue.slots();
    long now = now();
    boolean forgot = slots.version() < seenBefore;
    boolean ahead = slots.writtenAt() > now + Slots.MARGIN;
    if (forgot || ahead) {
      if (ahead) {
        LOG.atWarn()
            .addKeyValue("micros", slots.writtenAt() - now)
            .log("the clock of another instance is ahead of this one's");
      }
      close(step, terms);
      queue = readOrCreate(step, terms);
      slots = queue.slots();
    }
    seenVersion = forgot ? slots.version() : Math.max(seenVersion, slots.version());
    return queue;
  }

  private Snapshot readOrCreate(Step step, BudgetTerms terms) {
    Optional<Snapshot> queue = step.call(this::read);
    if (queue.isEmpty()) {
      long now = now();
      // A version higher than all earlier ones.
      step.run(table -> item.create(table, now, now + Slots.micros(terms.window()) + afterLoss));
      queue = step.call(this::read);
    }
    return queue.orElseThrow();
  }

  /** Reads the queue; empty if the item of the slots is missing. */
  private Optional<Snapshot> read(Table table) {
    Optional<Slots> slots = Optional.empty();
    List<Waiting> waiting = new ArrayList<>();
    Placeholders placeholders = Placeholders.of(Map.of(":queue", new Text(partition)));
    for (Map<String, AttributeValue> each : table.query("pk = :queue", placeholders)) {
      if (item.is(each)) {
        slots = Optional.of(SlotsItem.slots(each));
      } else {
        waiting.add(QueuePositions.waiting(each));
      }
    }
    return slots.map(found -> new Snapshot(found, waiting));
  }

  private void close(Step step, BudgetTerms terms) {
    long until = now() + Slots.micros(terms.window()) + RETURN;
    step.run(table -> item.close(table, until));
  }

  /** The data that one poll reads. */
  private final class View {
    private final Step step;
    private final AcquireRequest request;
    private final Slots slots;
    private final long now;
    private final List<Waiting> waitingHere;
    private final Map<String, Waiting> bySort;

    View(Step step, AcquireRequest request, Snapshot queue) {
      this.step = step;
      this.request = request;
      this.slots = queue.slots();
      this.waitingHere = queue.waiting();
      this.bySort =
          waitingHere.stream().collect(Collectors.toMap(Waiting::sort, Function.identity()));
      this.now = now();
    }

    /** Returns the result; empty after a concurrent write. */
    Optional<Poll> poll() {
      sweep();
      Held held = waiting.get(request.ticket());
      if (slots.isGranted(request.ticket(), now)) {
        return held == null ? take() : take(held.position(), State.WAITING);
      }
      if (held != null && isStillHeld(held)) {
        return poll(held.position(), State.WAITING, UNKNOWN, List.of());
      }
      var _ = waiting.remove(request.ticket());
      if (waitingHere.stream().noneMatch(there -> there.isPresent(now))
          && slots.free(request.terms(), now) > 0) {
        return takeUncontested();
      }
      QueuedCaller queuedCaller = step.call(this::caller);
      List<Long> lost = lost(queuedCaller);
      Optional<Known> known = known(queuedCaller, lost);
      if (known.isPresent()) {
        return poll(known.get().position(), known.get().state(), queuedCaller, lost);
      }
      int count = queuedCaller.expected().size() - lost.size();
      int most =
          request.caller().shared() ? MOST_POSITIONS_OF_A_NETWORK : MOST_POSITIONS_OF_A_CALLER;
      if (count >= most) {
        return withoutPosition();
      }
      long rank = Math.max(rank(queuedCaller, count), rankWithinWider());
      return poll(Position.of(rank, request.caller().key()), State.NEW, queuedCaller, lost);
    }

    private QueuedCaller caller(Table table) {
      return positions.caller(table, request.caller().key());
    }

    private List<Long> lost(QueuedCaller queuedCaller) {
      return queuedCaller.lost(request.caller().key(), bySort, now);
    }

    /** Returns the position that the caller comes back to; empty if it has none. */
    private Optional<Known> known(QueuedCaller queuedCaller, List<Long> lost) {
      for (Map.Entry<Long, Long> kept : queuedCaller.expected().entrySet()) {
        Position position = Position.of(kept.getKey(), request.caller().key());
        Waiting there = bySort.get(position.sort());
        if (!lost.contains(kept.getKey())) {
          if (kept.getValue() < 0 && there != null && !there.isPresent(now)) {
            return Optional.of(new Known(position, State.SILENT));
          }
          // A request from a shared network before the Retry-After time is another caller's.
          if (kept.getValue() >= 0
              && (!request.caller().shared() || kept.getValue() - now <= EARLY)) {
            return Optional.of(new Known(position, State.EXPECTED));
          }
        }
      }
      return Optional.empty();
    }

    private boolean isStillHeld(Held held) {
      return waitingHere.stream()
              .filter(there -> there.sort().equals(held.position().sort()))
              .allMatch(there -> there.ticket().equals(request.ticket()))
          && held.until() + Slots.micros(GRACE) >= now;
    }

    /**
     * Returns the rank. A slot granted ahead of its rank, while no other caller waited, does not
     * count.
     */
    private long rank(QueuedCaller queuedCaller, int count) {
      long arrivedAt = arrivedAt();
      if (queuedCaller.last().isEmpty()) {
        return arrivedAt;
      }
      long spacing = Slots.micros(SPACING);
      long last = queuedCaller.last().getAsLong();
      long rank = Math.max(arrivedAt, Math.min(last, now + spacing * count) + spacing);
      while (queuedCaller.expected().containsKey(rank)) {
        rank++;
      }
      return rank;
    }

    private long arrivedAt() {
      return now - Slots.micros(request.waited());
    }

    private static long spacing(BudgetCaller.Wider network) {
      return Slots.micros(SPACING) / network.share();
    }

    /** Returns the rank within the wider networks, which matters only if others wait here. */
    private long rankWithinWider() {
      long rank = arrivedAt();
      if (waitingHere.stream().anyMatch(there -> there.isPresent(now))) {
        for (BudgetCaller.Wider network : request.caller().wider()) {
          OptionalLong latest = step.call(table -> positions.latest(table, network));
          rank = Math.max(rank, latest.isEmpty() ? rank : latest.getAsLong() + spacing(network));
        }
      }
      return rank;
    }

    /**
     * Queues a new position, ranked in each wider network; empty if the rank is too late to be
     * kept. Unlike other queues, this one does not know the number of a wider network's positions:
     * slots granted while no other caller waited count against it, up to {@link
     * #LONGEST_RETRY_AFTER}.
     */
    private Optional<Position> queued(Position position, QueuedCaller queuedCaller) {
      long rank = position.rank();
      for (BudgetCaller.Wider network : request.caller().wider()) {
        OptionalLong next =
            step.call(
                table ->
                    positions.next(
                        table,
                        network,
                        OptionalLong.empty(),
                        arrivedAt(),
                        spacing(network),
                        now + Slots.micros(LONGEST_RETRY_AFTER)));
        if (next.isEmpty()) {
          return Optional.empty();
        }
        rank = Math.max(rank, next.getAsLong());
      }
      while (queuedCaller.expected().containsKey(rank)) {
        rank++;
      }
      return Optional.of(Position.of(rank, position.queuedCaller()));
    }

    private void sweep() {
      waitingHere.stream()
          .filter(there -> there.isLost(now))
          .limit(PORTION)
          .forEach(there -> link.start(table -> positions.sweep(table, there)));
    }

    private int waitingCount(Position except, boolean before) {
      return (int)
          waitingHere.stream()
              .filter(there -> there.isPresent(now))
              .filter(
                  there ->
                      before
                          ? there.sort().compareTo(except.sort()) < 0
                          : !there.sort().equals(except.sort()))
              .count();
    }

    private int positionsBefore(@Nullable Position before) {
      int rejected = step.call(table -> positions.rejected(table, before, now));
      return rejected
          + (int)
              waitingHere.stream()
                  .filter(there -> !there.isLost(now))
                  .filter(there -> before == null || there.sort().compareTo(before.sort()) < 0)
                  .count();
    }

    private Optional<Poll> poll(
        Position position, State state, QueuedCaller queuedCaller, List<Long> lost) {
      int ahead = waitingCount(position, true);
      if (ahead < slots.free(request.terms(), now)) {
        return take(position, state);
      }
      if (state != State.NEW || request.caller().wider().isEmpty()) {
        return poll(position, state, queuedCaller, lost, ahead);
      }
      Optional<Position> queued = queued(position, queuedCaller);
      return queued.isEmpty()
          ? withoutPosition()
          : poll(queued.get(), state, queuedCaller, lost, waitingCount(queued.get(), true));
    }

    private Optional<Poll> poll(
        Position position, State state, QueuedCaller queuedCaller, List<Long> lost, int ahead) {
      boolean canWait = !request.timeout().isZero();
      if (canWait
          && (state == State.WAITING
              || waitingCount(position, false) < slots.count(request.terms(), now))) {
        return stay(position, state, queuedCaller, lost, ahead);
      }
      int before = positionsBefore(position);
      if (state == State.NEW && before >= MOST_POSITIONS) {
        return withoutPosition();
      }
      long wait = slots.slotAt(before, request.terms(), now) - now;
      return canWait && wait <= Slots.micros(request.timeout())
          ? stay(position, state, queuedCaller, lost, ahead)
          : reject(position, state, queuedCaller, lost, wait);
    }

    /** Takes a free slot that no waiting caller wants. */
    private Optional<Poll> takeUncontested() {
      return take(
          table -> {
            QueuedCaller queuedCaller = caller(table);
            known(queuedCaller, lost(queuedCaller))
                .ifPresent(known -> vacate(table, known.position(), known.state()));
          });
    }

    private Optional<Poll> take(Position position, State state) {
      return take(table -> vacate(table, position, state));
    }

    /**
     * Takes a slot; {@code after} runs during the call to Momento, so that no caller waits for it.
     */
    private Optional<Poll> take(Consumer<Table> after) {
      Optional<Poll> granted = take();
      if (granted.isPresent()) {
        link.start(after);
      }
      return granted;
    }

    private Optional<Poll> take() {
      if (!step.call(table -> item.take(table, slots, request.ticket(), now, request.terms()))) {
        return Optional.empty();
      }
      var _ = waiting.remove(request.ticket());
      return Optional.of(new Poll.Granted());
    }

    private void vacate(Table table, Position position, State state) {
      switch (state) {
        case EXPECTED -> positions.notExpected(table, position);
        case WAITING -> positions.stopsWaiting(table, position, request.ticket());
        case SILENT -> {}
        case NEW -> {
          return;
        }
      }
      positions.forget(table, position);
    }

    private Optional<Poll> stay(
        Position position, State state, QueuedCaller queuedCaller, List<Long> lost, int ahead) {
      // Only waiting callers count: rejected ones are skipped.
      long pause =
          Math.clamp(
              slots.slotAt(ahead, request.terms(), now) - now,
              SHORTEST_PAUSE,
              Slots.micros(LONGEST_PAUSE));
      long until = now + pause + Slots.micros(SILENCE);
      boolean written =
          step.call(
              table -> {
                if (state == State.NEW
                    && !positions.add(table, position, queuedCaller, lost, -now, now)) {
                  return false;
                }
                if (!positions.startsWaiting(table, position, request.ticket(), until, now)) {
                  return false;
                }
                if (state == State.EXPECTED) {
                  positions.expect(table, position, -now, now);
                  positions.notExpected(table, position);
                }
                return true;
              });
      if (!written) {
        var _ = waiting.remove(request.ticket());
        return Optional.empty();
      }
      waiting.values().removeIf(held -> held.until() + Slots.micros(GRACE) < now);
      waiting.put(request.ticket(), new Held(position, until));
      return Optional.of(new Poll.Wait(Duration.of(pause, ChronoUnit.MICROS)));
    }

    private Optional<Poll> reject(
        Position position, State state, QueuedCaller queuedCaller, List<Long> lost, long wait) {
      Duration after = request.retryAfter(Duration.of(wait, ChronoUnit.MICROS));
      long expected = now + Slots.micros(after);
      boolean written =
          step.call(
              table -> {
                if (state != State.NEW) {
                  positions.expect(table, position, expected, now);
                } else if (!positions.add(table, position, queuedCaller, lost, expected, now)) {
                  return false;
                }
                positions.reject(table, position, expected);
                if (state == State.WAITING) {
                  positions.stopsWaiting(table, position, request.ticket());
                }
                return true;
              });
      if (!written) {
        return Optional.empty();
      }
      var _ = waiting.remove(request.ticket());
      return Optional.of(new Poll.Rejected(after, true));
    }

    /** Rejects a caller that finds all positions taken. */
    private Optional<Poll> withoutPosition() {
      long wait = slots.slotAt(positionsBefore(null), request.terms(), now) - now;
      return Optional.of(
          new Poll.Rejected(
              request.retryAfterWithoutPosition(Duration.of(wait, ChronoUnit.MICROS)), false));
    }
  }

  @Override
  public void answered(String ticket, Answer answer, BudgetTerms terms) {
    long freeAt = now() + Slots.micros(terms.window());
    link.run(table -> item.answered(table, ticket, freeAt));
    if (answer == Answer.RATE_LIMITED) {
      var _ = link.call(step -> reduce(step, terms));
    }
  }

  private Slots reduce(Step step, BudgetTerms terms) {
    Slots slots = read(step, terms).slots();
    slots
        .reduced(terms, now())
        .ifPresent(fewer -> step.run(table -> item.reduce(table, slots, fewer)));
    return slots;
  }

  @Override
  public void release(String ticket) {
    link.run(table -> item.release(table, ticket));
  }

  @Override
  public void leave(String ticket) {
    Held held = waiting.remove(ticket);
    if (held != null) {
      link.run(
          table -> {
            positions.stopsWaiting(table, held.position(), ticket);
            positions.forget(table, held.position());
          });
    }
  }

  @Override
  public Optional<QueueStatus> status(BudgetTerms terms) {
    return switch (link.call(step -> status(step, terms))) {
      case Reply.Answered(QueueStatus status) -> Optional.of(status);
      case Reply.Busy<QueueStatus> busy -> Optional.empty();
      case Reply.Unavailable<QueueStatus> unavailable -> Optional.empty();
    };
  }

  private QueueStatus status(Step step, BudgetTerms terms) {
    Snapshot queue = read(step, terms);
    Slots slots = queue.slots();
    List<Waiting> waitingHere = queue.waiting();
    long now = now();
    int all =
        step.call(table -> positions.rejected(table, null, now))
            + (int) waitingHere.stream().filter(there -> !there.isLost(now)).count();
    return new QueueStatus(
        slots.count(terms, now),
        slots.free(terms, now),
        (int) waitingHere.stream().filter(there -> there.isPresent(now)).count(),
        all,
        Duration.of(slots.slotAt(all, terms, now) - now, ChronoUnit.MICROS));
  }

  private long now() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
  }
}
