package tokenvending.aws;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tokenvending.aws.DynamoDbLink.Step;
import tokenvending.aws.Places.Place;
import tokenvending.aws.Places.Standee;
import tokenvending.aws.Places.Waiting;
import tokenvending.budget.BudgetCaller;
import tokenvending.budget.BudgetLine;
import tokenvending.budget.BudgetTerms;

/**
 * The line in the table. The slots are one item, and the budget hangs on it alone: a slot is taken
 * by a write on the condition that nothing was granted since it was read. Places are items of their
 * own ({@link Places}), read a moment before or after; of two who look at the same time the one
 * with the worse rank may be first. All times are in microseconds since 1970, by the clock of
 * whoever takes the step.
 *
 * <p>Holds fewer places than others: 2,000 in all, and 250 of one crowd, whose item would be too
 * large.
 */
final class DynamoDbLine implements BudgetLine {
  /** The partition of the item with the slots. */
  static final String SLOTS = "slots";

  private static final Logger LOG = LoggerFactory.getLogger(DynamoDbLine.class);

  private static final int MOST_PLACES = 2_000;
  private static final int MOST_PLACES_OF_A_CROWD = 250;

  private static final long SECOND = 1_000_000;

  private static final Standee NOBODY = new Standee(OptionalLong.empty(), Map.of());

  /** Each look is three calls. */
  private static final long SHORTEST_PAUSE = 10_000;

  /** Clocks differ, and people's more than ours. */
  private static final long EARLY = 100_000;

  /** After an absence: time for all peers to notice that the line is back, too. */
  private static final long RETURN = 1_500_000;

  /** Where in the last part of the longest wait before his turn somebody is told to come back. */
  private static final double EARLIEST = 0.9;

  private static final double LATEST = 0.15;

  /** So often something else was quicker before it is too much. */
  private static final int TRIES = 5;

  /** After which somebody who waits here looks again, where it was too much. */
  private static final Duration WHILE_BUSY = Duration.ofMillis(100);

  /** So many who will never come back are removed with one look. */
  private static final int PORTION = 2;

  private final DynamoDbLink link;
  private final SlotsItem item;
  private final Places places;
  private final InstantSource clock;

  /** Those who wait here, by ticket: nobody else knows their tickets. */
  private final Map<String, Held> waiting = new ConcurrentHashMap<>();

  private volatile long absencesTold;
  private volatile long seenVersion;

  DynamoDbLine(DynamoDbLink link, String prefix, InstantSource clock) {
    this.link = link;
    this.item = new SlotsItem(Items.key(prefix + SLOTS));
    this.places = new Places(prefix);
    this.clock = clock;
  }

  /** A place of somebody who waits here, and until when he counts as present. */
  private record Held(Place place, long until) {}

  /** How he comes by his place. */
  private enum Title {
    /** He waits there already. */
    WAITING,
    /** He was told to come back. */
    TOLD,
    /** He, or his process, fell silent there. */
    SILENT,
    /** It is new. */
    NEW
  }

  @Override
  public Look ask(Ask ask) {
    long absences = link.absences();
    boolean closes = ask.afterAbsence() || absences != absencesTold;
    return switch (link.ask(step -> look(step, ask, closes))) {
      case Reply.Said(Look look) -> {
        absencesTold = absences;
        yield look;
      }
      case Reply.Busy<Look> busy ->
          waiting.containsKey(ask.ticket()) && !ask.patience().isZero()
              ? new Look.Wait(WHILE_BUSY)
              : new Look.ComeBack(Duration.ofSeconds(1 + (long) (ask.chance() * 3)), false);
      case Reply.Away<Look> away -> new Look.Away();
    };
  }

  private Look look(Step step, Ask ask, boolean closes) {
    if (closes) {
      var _ = slots(step, ask.terms());
      close(step, ask.terms());
    }
    for (int i = 0; i < TRIES; i++) {
      Optional<Look> look = new View(step, ask, slots(step, ask.terms())).look();
      if (look.isPresent()) {
        return look.get();
      }
    }
    throw new DynamoDbLink.TooMany();
  }

  /** The slots as they are now; closed where something may have been forgotten. */
  private Slots slots(Step step, BudgetTerms terms) {
    long seenBefore = seenVersion;
    Slots slots = read(step, terms);
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
      slots = read(step, terms);
    }
    seenVersion = forgot ? slots.version() : Math.max(seenVersion, slots.version());
    return slots;
  }

  private Slots read(Step step, BudgetTerms terms) {
    Optional<Slots> slots = step.call(item::read);
    if (slots.isEmpty()) {
      long now = now();
      // A version that none before it had.
      step.run(table -> item.create(table, now, now + Slots.micros(terms.window()) + RETURN));
      slots = step.call(item::read);
    }
    return slots.orElseThrow();
  }

  private void close(Step step, BudgetTerms terms) {
    long until = now() + Slots.micros(terms.window()) + RETURN;
    step.run(table -> item.close(table, until));
  }

  /** What one look sees. */
  private final class View {
    private final Step step;
    private final Ask ask;
    private final Slots slots;
    private final long now;
    private final List<Waiting> here;

    View(Step step, Ask ask, Slots slots) {
      this.step = step;
      this.ask = ask;
      this.slots = slots;
      this.here = step.call(places::here);
      this.now = now();
    }

    /** What he is told; empty where something else was quicker. */
    Optional<Look> look() {
      sweep();
      Held held = waiting.get(ask.ticket());
      if (held != null && isStillHis(held)) {
        return look(held.place(), Title.WAITING, NOBODY, List.of());
      }
      var _ = waiting.remove(ask.ticket());
      String name = ask.applicant().key();
      Standee standee = step.call(table -> places.standee(table, name));
      Map<String, Waiting> bySort =
          here.stream().collect(Collectors.toMap(Waiting::sort, Function.identity()));
      List<Long> lost = standee.lost(name, bySort, now);
      for (Map.Entry<Long, Long> kept : standee.expected().entrySet()) {
        Place place = Place.of(kept.getKey(), name);
        Waiting there = bySort.get(place.sort());
        if (!lost.contains(kept.getKey())) {
          if (kept.getValue() < 0 && there != null && !there.isPresent(now)) {
            return look(place, Title.SILENT, standee, lost);
          }
          // Somebody from a crowd who comes before the time that was told is somebody else.
          if (kept.getValue() >= 0
              && (!ask.applicant().crowd() || kept.getValue() - now <= EARLY)) {
            return look(place, Title.TOLD, standee, lost);
          }
        }
      }
      int count = standee.expected().size() - lost.size();
      int most = ask.applicant().crowd() ? MOST_PLACES_OF_A_CROWD : PLACES_OF_A_CALLER;
      if (count >= most) {
        return withoutPlace();
      }
      long rank = Math.max(rank(standee, count), rankWithinWider());
      return look(Place.of(rank, name), Title.NEW, standee, lost);
    }

    private boolean isStillHis(Held held) {
      return here.stream()
              .filter(there -> there.sort().equals(held.place().sort()))
              .allMatch(there -> there.ticket().equals(ask.ticket()))
          && held.until() + Slots.micros(GRACE) >= now;
    }

    /** What he was given out of turn, while nobody else wanted it, is not held against him. */
    private long rank(Standee standee, int count) {
      long came = came();
      if (standee.last().isEmpty()) {
        return came;
      }
      long turn = Slots.micros(TURN);
      long last = standee.last().getAsLong();
      long rank = Math.max(came, Math.min(last, now + turn * count) + turn);
      while (standee.expected().containsKey(rank)) {
        rank++;
      }
      return rank;
    }

    private long came() {
      return now - Slots.micros(ask.waited());
    }

    private static long turn(BudgetCaller.Wider network) {
      return Slots.micros(TURN) / network.share();
    }

    /** What it would be now; of interest only where others wait here. */
    private long rankWithinWider() {
      long rank = came();
      if (here.stream().anyMatch(there -> there.isPresent(now))) {
        for (BudgetCaller.Wider network : ask.applicant().wider()) {
          OptionalLong latest = step.call(table -> places.latest(table, network));
          rank = Math.max(rank, latest.isEmpty() ? rank : latest.getAsLong() + turn(network));
        }
      }
      return rank;
    }

    /**
     * A new place, which takes its turn in each wider network; empty where that is so late that no
     * place is kept until then. Unlike other lines, this one does not know how many places a wider
     * network has: what it was given while no other caller wanted it counts against it, up to
     * {@link #LONGEST_ABSENCE}.
     */
    private Optional<Place> queued(Place place, Standee standee) {
      long rank = place.rank();
      for (BudgetCaller.Wider network : ask.applicant().wider()) {
        OptionalLong next =
            step.call(
                table ->
                    places.next(
                        table,
                        network,
                        OptionalLong.empty(),
                        came(),
                        turn(network),
                        now + Slots.micros(LONGEST_ABSENCE)));
        if (next.isEmpty()) {
          return Optional.empty();
        }
        rank = Math.max(rank, next.getAsLong());
      }
      while (standee.expected().containsKey(rank)) {
        rank++;
      }
      return Optional.of(Place.of(rank, place.standee()));
    }

    private void sweep() {
      here.stream()
          .filter(there -> there.isLost(now))
          .limit(PORTION)
          .forEach(there -> link.tell(table -> places.sweep(table, there)));
    }

    private int present(Place except, boolean before) {
      return (int)
          here.stream()
              .filter(there -> there.isPresent(now))
              .filter(
                  there ->
                      before
                          ? there.sort().compareTo(except.sort()) < 0
                          : !there.sort().equals(except.sort()))
              .count();
    }

    private int position(@Nullable Place before) {
      int away = step.call(table -> places.away(table, before, now));
      return away
          + (int)
              here.stream()
                  .filter(there -> !there.isLost(now))
                  .filter(there -> before == null || there.sort().compareTo(before.sort()) < 0)
                  .count();
    }

    private Optional<Look> look(Place place, Title title, Standee standee, List<Long> lost) {
      int ahead = present(place, true);
      if (ahead < slots.free(ask.terms(), now)) {
        return take(Optional.of(place), title);
      }
      if (title != Title.NEW || ask.applicant().wider().isEmpty()) {
        return look(place, title, standee, lost, ahead);
      }
      Optional<Place> queued = queued(place, standee);
      return queued.isEmpty()
          ? withoutPlace()
          : look(queued.get(), title, standee, lost, present(queued.get(), true));
    }

    private Optional<Look> look(
        Place place, Title title, Standee standee, List<Long> lost, int ahead) {
      boolean hasPatience = !ask.patience().isZero();
      if (hasPatience
          && (title == Title.WAITING || present(place, false) < slots.count(ask.terms(), now))) {
        return stay(place, title, standee, lost, ahead);
      }
      int position = position(place);
      if (title == Title.NEW && position >= MOST_PLACES) {
        return withoutPlace();
      }
      long wait = slots.turn(position, ask.terms(), now) - now;
      return hasPatience && wait <= Slots.micros(ask.patience())
          ? stay(place, title, standee, lost, ahead)
          : sendAway(place, title, standee, lost, wait);
    }

    private Optional<Look> take(Optional<Place> place, Title title) {
      if (!step.call(table -> item.take(table, slots, ask.ticket(), now, ask.terms()))) {
        return Optional.empty();
      }
      place.filter(old -> title != Title.NEW).ifPresent(old -> vacate(old, title));
      var _ = waiting.remove(ask.ticket());
      return Optional.of(new Look.Granted());
    }

    /** While the call is under way: the caller does not wait for it. */
    private void vacate(Place place, Title title) {
      link.tell(
          table -> {
            if (title == Title.TOLD) {
              places.cameBack(table, place);
            } else if (title == Title.WAITING) {
              places.isGone(table, place, ask.ticket());
            }
            places.forget(table, place);
          });
    }

    private Optional<Look> stay(
        Place place, Title title, Standee standee, List<Long> lost, int ahead) {
      // By those present only: the others are passed over.
      long pause =
          Math.clamp(
              slots.turn(ahead, ask.terms(), now) - now,
              SHORTEST_PAUSE,
              Slots.micros(LONGEST_PAUSE));
      long until = now + pause + Slots.micros(SILENCE);
      boolean written =
          step.call(
              table -> {
                if (title == Title.NEW && !places.add(table, place, standee, lost, -now, now)) {
                  return false;
                }
                if (!places.waits(table, place, ask.ticket(), until, now)) {
                  return false;
                }
                if (title == Title.TOLD) {
                  places.expect(table, place, -now, now);
                  places.cameBack(table, place);
                }
                return true;
              });
      if (!written) {
        var _ = waiting.remove(ask.ticket());
        return Optional.empty();
      }
      waiting.values().removeIf(held -> held.until() + Slots.micros(GRACE) < now);
      waiting.put(ask.ticket(), new Held(place, until));
      return Optional.of(new Look.Wait(Duration.of(pause, ChronoUnit.MICROS)));
    }

    private Optional<Look> sendAway(
        Place place, Title title, Standee standee, List<Long> lost, long wait) {
      Duration after = comeBackAfter(wait, ask);
      long expected = now + Slots.micros(after);
      boolean written =
          step.call(
              table -> {
                if (title != Title.NEW) {
                  places.expect(table, place, expected, now);
                } else if (!places.add(table, place, standee, lost, expected, now)) {
                  return false;
                }
                places.sendAway(table, place, expected);
                if (title == Title.WAITING) {
                  places.isGone(table, place, ask.ticket());
                }
                return true;
              });
      if (!written) {
        return Optional.empty();
      }
      var _ = waiting.remove(ask.ticket());
      return Optional.of(new Look.ComeBack(after, true));
    }

    /** For somebody who finds all places taken: only a slot that nobody present wants. */
    private Optional<Look> withoutPlace() {
      if (here.stream().noneMatch(there -> there.isPresent(now))
          && slots.free(ask.terms(), now) > 0) {
        return take(Optional.empty(), Title.NEW);
      }
      long wait = slots.turn(position(null), ask.terms(), now) - now;
      return Optional.of(
          new Look.ComeBack(comeBackAfter(wait + (long) (wait * ask.chance() / 2), ask), false));
    }
  }

  private static Duration comeBackAfter(long micros, Ask ask) {
    double wait = micros / (double) SECOND;
    double maxWait = Slots.micros(ask.terms().maxWait()) / (double) SECOND;
    long earliest = (long) Math.ceil(wait - EARLIEST * maxWait);
    long latest = (long) Math.floor(wait - LATEST * maxWait);
    long seconds =
        earliest <= latest
            ? earliest + (long) (ask.chance() * (latest - earliest + 1))
            : Math.round(wait - maxWait / 2);
    return Duration.ofSeconds(Math.clamp(seconds, 1, LONGEST_ABSENCE.toSeconds()));
  }

  @Override
  public void answered(String ticket, Answer answer, BudgetTerms terms) {
    long freeAt = now() + Slots.micros(terms.window());
    link.tellAndWait(table -> item.answered(table, ticket, freeAt));
    if (answer == Answer.OVER_LIMIT) {
      var _ = link.ask(step -> reduce(step, terms));
    }
  }

  private Slots reduce(Step step, BudgetTerms terms) {
    Slots slots = slots(step, terms);
    slots
        .reduced(terms, now())
        .ifPresent(fewer -> step.run(table -> item.reduce(table, slots, fewer)));
    return slots;
  }

  @Override
  public void unused(String ticket) {
    link.tellAndWait(table -> item.unused(table, ticket));
  }

  @Override
  public void leave(String ticket) {
    Held held = waiting.remove(ticket);
    if (held != null) {
      link.tellAndWait(
          table -> {
            places.isGone(table, held.place(), ticket);
            places.forget(table, held.place());
          });
    }
  }

  @Override
  public Optional<Standing> standing(BudgetTerms terms) {
    return switch (link.ask(step -> standing(step, terms))) {
      case Reply.Said(Standing standing) -> Optional.of(standing);
      case Reply.Busy<Standing> busy -> Optional.empty();
      case Reply.Away<Standing> away -> Optional.empty();
    };
  }

  private Standing standing(Step step, BudgetTerms terms) {
    Slots slots = slots(step, terms);
    List<Waiting> here = step.call(places::here);
    long now = now();
    int all =
        step.call(table -> places.away(table, null, now))
            + (int) here.stream().filter(there -> !there.isLost(now)).count();
    return new Standing(
        slots.count(terms, now),
        slots.free(terms, now),
        (int) here.stream().filter(there -> there.isPresent(now)).count(),
        all,
        Duration.of(slots.turn(all, terms, now) - now, ChronoUnit.MICROS));
  }

  private long now() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
  }
}
