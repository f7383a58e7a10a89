package tokenvending.aws;

import static tokenvending.aws.Items.EXPIRES;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tokenvending.aws.AttributeValue.Named;
import tokenvending.aws.AttributeValue.Text;
import tokenvending.aws.AttributeValue.Whole;
import tokenvending.aws.Table.Placeholders;
import tokenvending.aws.Table.Reading;
import tokenvending.budget.BudgetCaller;
import tokenvending.budget.BudgetQueue;

/**
 * The positions of the budget queue as items: two partitions sorted by rank, one of the callers
 * that wait and one of those that were rejected and may come back, and for each caller an item that
 * names its positions. What belongs together is written one after the other; where a process dies
 * in between, what it leaves is passed over, and forgotten some seconds later.
 */
final class QueuePositions {
  private static final String HERE = "here";
  private static final String AWAY = "away";
  private static final String OF = "of#";

  private static final String TICKET = "k";
  private static final String UNTIL = "u";
  private static final String LAST = "l";
  private static final String RANKS = "p";

  /** In seconds, with the grace after it. */
  private static final long LONGEST_RETRY_AFTER =
      BudgetQueue.LONGEST_RETRY_AFTER.plus(BudgetQueue.GRACE).toSeconds();

  private static final long GRACE = Slots.micros(BudgetQueue.GRACE);

  /** How long an item may be there before what belongs to it. */
  private static final long WRITING = 2_000_000;

  /** How many characters of a caller's name tell positions of one rank apart. */
  private static final int NAME = 8;

  /** How often another write can come first before the step is given up. */
  private static final int TRIES = 5;

  private final String prefix;

  QueuePositions(String prefix) {
    this.prefix = prefix;
  }

  /**
   * A position.
   *
   * @param sort sorts as the rank does
   */
  record Position(long rank, String sort, String queuedCaller) {
    static Position of(long rank, String queuedCaller) {
      String name = queuedCaller.substring(0, Math.min(NAME, queuedCaller.length()));
      return new Position(rank, "%016d-%s".formatted(rank, name), queuedCaller);
    }

    private String name() {
      return Long.toString(rank, Character.MAX_RADIX);
    }
  }

  /**
   * A caller that waits, or did until just now.
   *
   * @param until when it counts as gone
   */
  record Waiting(String sort, String ticket, long until) {
    boolean isPresent(long now) {
      return until >= now;
    }

    /** Its process died or is frozen, and no other request took the position over. */
    boolean isLost(long now) {
      return until + GRACE < now;
    }
  }

  /**
   * A caller's positions, by rank.
   *
   * @param last the rank that was given last; none where nothing is known of the caller
   * @param expected the Retry-After time of a position; while it waits, below zero, when that was
   *     written
   */
  record QueuedCaller(OptionalLong last, Map<Long, Long> expected) {
    /** Those that are over, given the callers that wait. */
    List<Long> lost(String name, Map<String, Waiting> here, long now) {
      List<Long> lost = new ArrayList<>();
      expected.forEach(
          (rank, time) -> {
            Waiting waiting = here.get(Position.of(rank, name).sort());
            boolean over =
                time >= 0
                    ? time + GRACE < now
                    : waiting == null ? now + time > WRITING : waiting.isLost(now);
            if (over) {
              lost.add(rank);
            }
          });
      return lost;
    }
  }

  /** The callers that wait, the best rank first. */
  List<Waiting> waiting(Table table) {
    return table
        .query("pk = :here", Placeholders.of(Map.of(":here", new Text(prefix + HERE))))
        .stream()
        .map(
            item ->
                new Waiting(
                    Items.text(item, Items.SORT),
                    Items.text(item, TICKET),
                    Items.number(item, UNTIL).orElseThrow()))
        .toList();
  }

  /** How many rejected callers rank before this position; all where none is given. */
  int rejected(Table table, @Nullable Position before, long now) {
    Map<String, AttributeValue> values =
        new HashMap<>(Map.of(":away", new Text(prefix + AWAY), ":now", new Whole(now)));
    if (before != null) {
      values.put(":sort", new Text(before.sort()));
    }
    return table.count(
        before == null ? "pk = :away" : "pk = :away AND sk < :sort",
        "u >= :now",
        Placeholders.of(values));
  }

  QueuedCaller caller(Table table, String name) {
    Map<String, AttributeValue> item = table.get(keyOf(name), Reading.CONSISTENT);
    Map<Long, Long> expected = new TreeMap<>();
    Items.named(item, RANKS)
        .forEach(
            (rank, time) ->
                expected.put(Long.parseLong(rank, Character.MAX_RADIX), Items.number(time)));
    return new QueuedCaller(Items.number(item, LAST), expected);
  }

  private Map<String, AttributeValue> keyOf(String queuedCaller) {
    return Items.key(prefix + OF + queuedCaller);
  }

  private Map<String, AttributeValue> keyOf(String partition, Position position) {
    return Items.key(prefix + partition, position.sort());
  }

  /**
   * Gives a caller one more position; false where it was given another since it was read.
   *
   * @param expected as in {@link QueuedCaller}
   */
  boolean add(
      Table table, Position position, QueuedCaller seen, List<Long> lost, long expected, long now) {
    Map<String, AttributeValue> values = new HashMap<>();
    Map<String, String> names = new HashMap<>(Map.of("#expires", EXPIRES));
    values.put(":rank", new Whole(position.rank()));
    values.put(":expires", expires(now));
    StringBuilder update = new StringBuilder("SET l = :rank, #expires = :expires");
    if (seen.last().isEmpty()) {
      update.append(", p = :positions");
      values.put(":positions", new Named(Map.of(position.name(), new Whole(expected))));
    } else {
      update.append(", p.#rank = :expected");
      names.put("#rank", position.name());
      values.put(":expected", new Whole(expected));
      values.put(":seen", new Whole(seen.last().getAsLong()));
      for (int i = 0; i < lost.size(); i++) {
        names.put("#lost" + i, Position.of(lost.get(i), position.queuedCaller()).name());
        update.append(i == 0 ? " REMOVE " : ", ").append("p.#lost").append(i);
      }
    }
    return table.update(
        keyOf(position.queuedCaller()),
        update.toString(),
        seen.last().isEmpty() ? "attribute_not_exists(l)" : "l = :seen",
        new Placeholders(names, values));
  }

  /** The latest rank that was given within a wider network; none where nothing is known of it. */
  OptionalLong latest(Table table, BudgetCaller.Wider network) {
    return Items.number(table.get(keyOf(network.key()), Reading.CHEAP), LAST);
  }

  /**
   * Gives the next rank within a wider network: one spacing after the latest, or {@code arrivedAt}.
   * A counter, not a condition on what was read, since many arrive in one network at once.
   *
   * @param spacing in microseconds
   * @param last the highest rank that is given
   * @return the rank; empty where it would be higher
   */
  OptionalLong next(
      Table table,
      BudgetCaller.Wider network,
      OptionalLong seen,
      long arrivedAt,
      long spacing,
      long last) {
    OptionalLong latest = seen;
    for (int i = 0; i < TRIES; i++) {
      boolean fresh = latest.isEmpty() || latest.getAsLong() + spacing <= arrivedAt;
      if (!fresh && latest.getAsLong() + spacing > last) {
        return OptionalLong.empty();
      }
      Map<String, AttributeValue> values = new HashMap<>(Map.of(":expires", expires(last)));
      if (fresh) {
        values.put(":came", new Whole(arrivedAt));
        values.put(":before", new Whole(arrivedAt - spacing));
      } else {
        values.put(":turn", new Whole(spacing));
        values.put(":from", new Whole(arrivedAt - spacing));
        values.put(":to", new Whole(last - spacing));
      }
      Table.Changed changed =
          table.change(
              keyOf(network.key()),
              fresh
                  ? "SET l = :came, #expires = :expires"
                  : "SET l = l + :turn, #expires = :expires",
              fresh ? "attribute_not_exists(l) OR l <= :before" : "l BETWEEN :from AND :to",
              new Placeholders(Map.of("#expires", EXPIRES), values));
      latest = Items.number(changed.item(), LAST);
      if (changed.held()) {
        return latest;
      }
    }
    throw new DynamoDbLink.TooMany();
  }

  /** Sets when a position is expected, as in {@link QueuedCaller}. */
  void expect(Table table, Position position, long expected, long now) {
    // Where nothing is known of the caller any more it has no position to come back to.
    var _ =
        table.update(
            keyOf(position.queuedCaller()),
            "SET p.#rank = :expected, #expires = :expires",
            "attribute_exists(p)",
            new Placeholders(
                Map.of("#rank", position.name(), "#expires", EXPIRES),
                Map.of(":expected", new Whole(expected), ":expires", expires(now))));
  }

  void forget(Table table, Position position) {
    var _ =
        table.update(
            keyOf(position.queuedCaller()),
            "REMOVE p.#rank",
            "attribute_exists(p)",
            new Placeholders(Map.of("#rank", position.name()), Map.of()));
  }

  /** A request waits at a position; false where another request does. */
  boolean startsWaiting(Table table, Position position, String ticket, long until, long now) {
    Map<String, AttributeValue> item = new HashMap<>(keyOf(HERE, position));
    item.put(TICKET, new Text(ticket));
    item.put(UNTIL, new Whole(until));
    item.put(EXPIRES, expires(until));
    return table.put(
        item,
        "attribute_not_exists(k) OR k = :me OR u < :now",
        Placeholders.of(Map.of(":me", new Text(ticket), ":now", new Whole(now))));
  }

  /** The caller was rejected, and is expected then. */
  void reject(Table table, Position position, long expected) {
    Map<String, AttributeValue> item = new HashMap<>(keyOf(AWAY, position));
    item.put(UNTIL, new Whole(expected + GRACE));
    item.put(EXPIRES, expires(expected + GRACE));
    table.put(item);
  }

  /** No caller is expected there any more. */
  void notExpected(Table table, Position position) {
    table.delete(keyOf(AWAY, position));
  }

  /** The request of this ticket waits no longer. */
  void stopsWaiting(Table table, Position position, String ticket) {
    delete(table, position.sort(), "k = :ticket", Map.of(":ticket", new Text(ticket)));
  }

  /** Removes a lost position, unless it was polled meanwhile. */
  void sweep(Table table, Waiting lost) {
    delete(
        table,
        lost.sort(),
        "k = :ticket AND u = :until",
        Map.of(":ticket", new Text(lost.ticket()), ":until", new Whole(lost.until())));
  }

  /** Unless it is another request's by now. */
  private void delete(
      Table table, String sort, String condition, Map<String, AttributeValue> values) {
    var _ = table.delete(Items.key(prefix + HERE, sort), condition, Placeholders.of(values));
  }

  /** Of an item that means something until then; the table deletes it later, or much later. */
  private static AttributeValue expires(long micros) {
    return new Whole(micros / 1_000_000 + LONGEST_RETRY_AFTER);
  }
}
