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
import tokenvending.aws.Table.Reading;
import tokenvending.aws.Table.Words;
import tokenvending.budget.BudgetCaller;
import tokenvending.budget.BudgetLine;

/**
 * The places of the line as items: two partitions sorted by rank, one of those who wait here and
 * one of those who were told to come back, and for each applicant an item that names his places.
 * What belongs together is written one after the other; who dies in between leaves what is passed
 * over, and forgotten some seconds later.
 */
final class Places {
  private static final String HERE = "here";
  private static final String AWAY = "away";
  private static final String OF = "of#";

  private static final String TICKET = "k";
  private static final String UNTIL = "u";
  private static final String LAST = "l";
  private static final String RANKS = "p";

  /** In seconds, with the grace after it. */
  private static final long LONGEST_ABSENCE =
      BudgetLine.LONGEST_ABSENCE.plus(BudgetLine.GRACE).toSeconds();

  private static final long GRACE = Slots.micros(BudgetLine.GRACE);

  /** What was written just now may not have been followed yet by what belongs to it. */
  private static final long WRITING = 2_000_000;

  /** So much of an applicant's name tells places of one rank apart. */
  private static final int NAME = 8;

  /** So often another instance was quicker before it is too much. */
  private static final int TRIES = 5;

  private final String prefix;

  Places(String prefix) {
    this.prefix = prefix;
  }

  /**
   * A place.
   *
   * @param sort sorts as the rank does
   */
  record Place(long rank, String sort, String standee) {
    static Place of(long rank, String standee) {
      String name = standee.substring(0, Math.min(NAME, standee.length()));
      return new Place(rank, "%016d-%s".formatted(rank, name), standee);
    }

    private String name() {
      return Long.toString(rank, Character.MAX_RADIX);
    }
  }

  /**
   * Somebody who waits here, or did until just now.
   *
   * @param until when he counts as gone
   */
  record Waiting(String sort, String ticket, long until) {
    boolean isPresent(long now) {
      return until >= now;
    }

    /** His process died or stands still, and nobody came back for him. */
    boolean isLost(long now) {
      return until + GRACE < now;
    }
  }

  /**
   * An applicant's places, by rank.
   *
   * @param last the rank he was given last; none where nothing is known of him
   * @param expected when whoever was told to come back is expected; for those who wait here, below
   *     zero, when that was written
   */
  record Standee(OptionalLong last, Map<Long, Long> expected) {
    /** Those that are over, where so many wait here. */
    List<Long> lost(String name, Map<String, Waiting> here, long now) {
      List<Long> lost = new ArrayList<>();
      expected.forEach(
          (rank, time) -> {
            Waiting waiting = here.get(Place.of(rank, name).sort());
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

  /** Those who wait here, the best rank first. */
  List<Waiting> here(Table table) {
    return table.query("pk = :here", Words.of(Map.of(":here", new Text(prefix + HERE)))).stream()
        .map(
            item ->
                new Waiting(
                    Items.text(item, Items.SORT),
                    Items.text(item, TICKET),
                    Items.number(item, UNTIL).orElseThrow()))
        .toList();
  }

  /** How many were told to come back and stand before this one; all where none is given. */
  int away(Table table, @Nullable Place before, long now) {
    Map<String, AttributeValue> values =
        new HashMap<>(Map.of(":away", new Text(prefix + AWAY), ":now", new Whole(now)));
    if (before != null) {
      values.put(":sort", new Text(before.sort()));
    }
    return table.count(
        before == null ? "pk = :away" : "pk = :away AND sk < :sort", "u >= :now", Words.of(values));
  }

  Standee standee(Table table, String name) {
    Map<String, AttributeValue> item = table.get(keyOf(name), Reading.CONSISTENT);
    Map<Long, Long> expected = new TreeMap<>();
    Items.named(item, RANKS)
        .forEach(
            (rank, time) ->
                expected.put(Long.parseLong(rank, Character.MAX_RADIX), Items.number(time)));
    return new Standee(Items.number(item, LAST), expected);
  }

  private Map<String, AttributeValue> keyOf(String standee) {
    return Items.key(prefix + OF + standee);
  }

  private Map<String, AttributeValue> keyOf(String partition, Place place) {
    return Items.key(prefix + partition, place.sort());
  }

  /**
   * Gives an applicant one more place; false where he was given another since he was read.
   *
   * @param expected as in {@link Standee}
   */
  boolean add(Table table, Place place, Standee seen, List<Long> lost, long expected, long now) {
    Map<String, AttributeValue> values = new HashMap<>();
    Map<String, String> names = new HashMap<>(Map.of("#expires", EXPIRES));
    values.put(":rank", new Whole(place.rank()));
    values.put(":expires", expires(now));
    StringBuilder update = new StringBuilder("SET l = :rank, #expires = :expires");
    if (seen.last().isEmpty()) {
      update.append(", p = :places");
      values.put(":places", new Named(Map.of(place.name(), new Whole(expected))));
    } else {
      update.append(", p.#rank = :expected");
      names.put("#rank", place.name());
      values.put(":expected", new Whole(expected));
      values.put(":seen", new Whole(seen.last().getAsLong()));
      for (int i = 0; i < lost.size(); i++) {
        names.put("#lost" + i, Place.of(lost.get(i), place.standee()).name());
        update.append(i == 0 ? " REMOVE " : ", ").append("p.#lost").append(i);
      }
    }
    return table.update(
        keyOf(place.standee()),
        update.toString(),
        seen.last().isEmpty() ? "attribute_not_exists(l)" : "l = :seen",
        new Words(names, values));
  }

  /** The latest rank that was given within a wider network; none where nothing is known of it. */
  OptionalLong latest(Table table, BudgetCaller.Wider network) {
    return Items.number(table.get(keyOf(network.key()), Reading.CHEAP), LAST);
  }

  /**
   * Gives the next rank within a wider network: one turn after the latest, or {@code came}. A
   * counter, not a condition on what was read, since many arrive in one network at once.
   *
   * @param turn in microseconds
   * @param last the highest rank that is given
   * @return the rank; empty where it would be higher
   */
  OptionalLong next(
      Table table, BudgetCaller.Wider network, OptionalLong seen, long came, long turn, long last) {
    OptionalLong latest = seen;
    for (int i = 0; i < TRIES; i++) {
      boolean fresh = latest.isEmpty() || latest.getAsLong() + turn <= came;
      if (!fresh && latest.getAsLong() + turn > last) {
        return OptionalLong.empty();
      }
      Map<String, AttributeValue> values = new HashMap<>(Map.of(":expires", expires(last)));
      if (fresh) {
        values.put(":came", new Whole(came));
        values.put(":before", new Whole(came - turn));
      } else {
        values.put(":turn", new Whole(turn));
        values.put(":from", new Whole(came - turn));
        values.put(":to", new Whole(last - turn));
      }
      Table.Changed changed =
          table.change(
              keyOf(network.key()),
              fresh
                  ? "SET l = :came, #expires = :expires"
                  : "SET l = l + :turn, #expires = :expires",
              fresh ? "attribute_not_exists(l) OR l <= :before" : "l BETWEEN :from AND :to",
              new Words(Map.of("#expires", EXPIRES), values));
      latest = Items.number(changed.item(), LAST);
      if (changed.held()) {
        return latest;
      }
    }
    throw new DynamoDbLink.TooMany();
  }

  /** Says of a place that is there when he is expected, as in {@link Standee}. */
  void expect(Table table, Place place, long expected, long now) {
    // Where nothing is known of him any more he has no place to come back to.
    var _ =
        table.update(
            keyOf(place.standee()),
            "SET p.#rank = :expected, #expires = :expires",
            "attribute_exists(p)",
            new Words(
                Map.of("#rank", place.name(), "#expires", EXPIRES),
                Map.of(":expected", new Whole(expected), ":expires", expires(now))));
  }

  void forget(Table table, Place place) {
    var _ =
        table.update(
            keyOf(place.standee()),
            "REMOVE p.#rank",
            "attribute_exists(p)",
            new Words(Map.of("#rank", place.name()), Map.of()));
  }

  /** Somebody waits at his place; false where somebody else has it. */
  boolean waits(Table table, Place place, String ticket, long until, long now) {
    Map<String, AttributeValue> item = new HashMap<>(keyOf(HERE, place));
    item.put(TICKET, new Text(ticket));
    item.put(UNTIL, new Whole(until));
    item.put(EXPIRES, expires(until));
    return table.put(
        item,
        "attribute_not_exists(k) OR k = :me OR u < :now",
        Words.of(Map.of(":me", new Text(ticket), ":now", new Whole(now))));
  }

  /** He was told to come back, and is expected then. */
  void sendAway(Table table, Place place, long expected) {
    Map<String, AttributeValue> item = new HashMap<>(keyOf(AWAY, place));
    item.put(UNTIL, new Whole(expected + GRACE));
    item.put(EXPIRES, expires(expected + GRACE));
    table.put(item);
  }

  /** Nobody is expected there any more. */
  void cameBack(Table table, Place place) {
    table.delete(keyOf(AWAY, place));
  }

  /** Whoever has this ticket waits here no longer. */
  void isGone(Table table, Place place, String ticket) {
    delete(table, place.sort(), "k = :ticket", Map.of(":ticket", new Text(ticket)));
  }

  /** Unless he was heard of meanwhile. */
  void sweep(Table table, Waiting lost) {
    delete(
        table,
        lost.sort(),
        "k = :ticket AND u = :until",
        Map.of(":ticket", new Text(lost.ticket()), ":until", new Whole(lost.until())));
  }

  /** Unless it is somebody else's by now. */
  private void delete(
      Table table, String sort, String condition, Map<String, AttributeValue> values) {
    var _ = table.delete(Items.key(prefix + HERE, sort), condition, Words.of(values));
  }

  /** Of an item that means something until then; the table deletes it later, or much later. */
  private static AttributeValue expires(long micros) {
    return new Whole(micros / 1_000_000 + LONGEST_ABSENCE);
  }
}
