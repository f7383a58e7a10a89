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
 * The positions of the budget queue as items: a partition of waiting callers and one of rejected
 * callers that can come back, both sorted by rank, and for each caller an item with its positions.
 * Related items are written one after the other; if a process ends in between, the incomplete ones
 * are skipped and expire some seconds later.
 */
final class QueuePositions {
  private static final String REJECTED = "rejected";
  private static final String OF = "of#";

  private static final String TICKET = "k";
  private static final String UNTIL = "u";
  private static final String LAST = "l";
  private static final String RANKS = "p";

  /** The longest {@code Retry-After} plus its grace period, in seconds. */
  private static final long LONGEST_RETRY_AFTER =
      BudgetQueue.LONGEST_RETRY_AFTER.plus(BudgetQueue.GRACE).toSeconds();

  private static final long GRACE = Slots.micros(BudgetQueue.GRACE);

  /** How long an item can exist before its related items. */
  private static final long WRITING = 2_000_000;

  /** How many characters of a caller's name distinguish positions of one rank. */
  private static final int NAME = 8;

  /** How often a step is retried after a concurrent write. */
  private static final int TRIES = 5;

  private final String queue;
  private final String prefix;

  /**
   * Makes no call.
   *
   * @param queue the partition of the positions of waiting callers
   * @param prefix the start of the names of the other partitions
   */
  QueuePositions(String queue, String prefix) {
    this.queue = queue;
    this.prefix = prefix;
  }

  /**
   * A position.
   *
   * @param sort a sort key in the order of ranks
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
   * A caller that waits, or waited until just now.
   *
   * @param until when it counts as gone
   */
  record Waiting(String sort, String ticket, long until) {
    boolean isPresent(long now) {
      return until >= now;
    }

    /** Whether its process ended or is suspended, and no other request took over the position. */
    boolean isLost(long now) {
      return until + GRACE < now;
    }
  }

  /**
   * A caller's positions, by rank.
   *
   * @param last the highest rank given; empty if the caller is unknown
   * @param expected the Retry-After time of each position; while it waits, negative: the time of
   *     the write
   */
  record QueuedCaller(OptionalLong last, Map<Long, Long> expected) {
    /** Returns the expired positions, given the waiting callers. */
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

  static Waiting waiting(Map<String, AttributeValue> item) {
    return new Waiting(
        Items.text(item, Items.SORT),
        Items.text(item, TICKET),
        Items.number(item, UNTIL).orElseThrow());
  }

  /** Returns how many rejected callers rank before this position; all if it is null. */
  int rejected(Table table, @Nullable Position before, long now) {
    Map<String, AttributeValue> values =
        new HashMap<>(Map.of(":rejected", new Text(prefix + REJECTED), ":now", new Whole(now)));
    if (before != null) {
      values.put(":sort", new Text(before.sort()));
    }
    return table.count(
        before == null ? "pk = :rejected" : "pk = :rejected AND sk < :sort",
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

  private Map<String, AttributeValue> rejectedKey(Position position) {
    return Items.key(prefix + REJECTED, position.sort());
  }

  /**
   * Adds a position to a caller; returns false after a concurrent write.
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

  /** Returns the highest rank given within a wider network; empty if it is unknown. */
  OptionalLong latest(Table table, BudgetCaller.Wider network) {
    return Items.number(table.get(keyOf(network.key()), Reading.CHEAP), LAST);
  }

  /**
   * Returns the next rank within a wider network: one spacing after the highest, or {@code
   * arrivedAt}. It increments a counter, because many callers of one network can arrive at once.
   *
   * @param spacing in microseconds
   * @param last the highest rank allowed
   * @return the rank; empty if it would be higher
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

  /** Sets the expected time of a position, as in {@link QueuedCaller}. */
  void expect(Table table, Position position, long expected, long now) {
    // A caller that is no longer known has no position.
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

  /** Records that a request waits at a position; returns false if another one does. */
  boolean startsWaiting(Table table, Position position, String ticket, long until, long now) {
    Map<String, AttributeValue> item = new HashMap<>(Items.key(queue, position.sort()));
    item.put(TICKET, new Text(ticket));
    item.put(UNTIL, new Whole(until));
    item.put(EXPIRES, expires(until));
    return table.put(
        item,
        "attribute_not_exists(k) OR k = :me OR u < :now",
        Placeholders.of(Map.of(":me", new Text(ticket), ":now", new Whole(now))));
  }

  /** Records that the caller was rejected, and its Retry-After time. */
  void reject(Table table, Position position, long expected) {
    Map<String, AttributeValue> item = new HashMap<>(rejectedKey(position));
    item.put(UNTIL, new Whole(expected + GRACE));
    item.put(EXPIRES, expires(expected + GRACE));
    table.put(item);
  }

  /** Records that no caller comes back to the position. */
  void notExpected(Table table, Position position) {
    table.delete(rejectedKey(position));
  }

  /** Records that the request of this ticket stopped waiting. */
  void stopsWaiting(Table table, Position position, String ticket) {
    delete(table, position.sort(), "k = :ticket", Map.of(":ticket", new Text(ticket)));
  }

  /** Removes a lost position, unless it was polled in the meantime. */
  void sweep(Table table, Waiting lost) {
    delete(
        table,
        lost.sort(),
        "k = :ticket AND u = :until",
        Map.of(":ticket", new Text(lost.ticket()), ":until", new Whole(lost.until())));
  }

  /** Deletes an item unless it now belongs to another request. */
  private void delete(
      Table table, String sort, String condition, Map<String, AttributeValue> values) {
    var _ = table.delete(Items.key(queue, sort), condition, Placeholders.of(values));
  }

  /** Returns the expiry of an item; the table can delete it much later. */
  private static AttributeValue expires(long micros) {
    return new Whole(micros / 1_000_000 + LONGEST_RETRY_AFTER);
  }
}
