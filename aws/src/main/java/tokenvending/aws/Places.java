package tokenvending.aws;

import static tokenvending.aws.Items.EXPIRES;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.Select;
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

  private final String table;
  private final String prefix;

  Places(String table, String prefix) {
    this.table = table;
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
  List<Waiting> here(DynamoDbClient client) {
    return client
        .query(
            r ->
                r.tableName(table)
                    .consistentRead(true)
                    .keyConditionExpression("pk = :here")
                    .expressionAttributeValues(
                        Map.of(":here", AttributeValue.fromS(prefix + HERE))))
        .items()
        .stream()
        .map(
            item ->
                new Waiting(
                    Items.value(item, Items.SORT).s(),
                    Items.value(item, TICKET).s(),
                    Items.number(item, UNTIL).orElseThrow()))
        .toList();
  }

  /** How many were told to come back and stand before this one; all where none is given. */
  int away(DynamoDbClient client, @Nullable Place before, long now) {
    Map<String, AttributeValue> values =
        new HashMap<>(
            Map.of(":away", AttributeValue.fromS(prefix + AWAY), ":now", Items.number(now)));
    if (before != null) {
      values.put(":sort", AttributeValue.fromS(before.sort()));
    }
    return client
        .query(
            r ->
                r.tableName(table)
                    .select(Select.COUNT)
                    .keyConditionExpression(
                        before == null ? "pk = :away" : "pk = :away AND sk < :sort")
                    .filterExpression("u >= :now")
                    .expressionAttributeValues(values))
        .count();
  }

  Standee standee(DynamoDbClient client, String name) {
    Map<String, AttributeValue> item =
        client.getItem(r -> r.tableName(table).key(keyOf(name)).consistentRead(true)).item();
    Map<Long, Long> expected = new TreeMap<>();
    item.getOrDefault(RANKS, AttributeValue.fromM(Map.of()))
        .m()
        .forEach(
            (rank, time) ->
                expected.put(Long.parseLong(rank, Character.MAX_RADIX), Long.parseLong(time.n())));
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
  boolean add(
      DynamoDbClient client, Place place, Standee seen, List<Long> lost, long expected, long now) {
    Map<String, AttributeValue> values = new HashMap<>();
    Map<String, String> names = new HashMap<>(Map.of("#expires", EXPIRES));
    values.put(":rank", Items.number(place.rank()));
    values.put(":expires", expires(now));
    StringBuilder update = new StringBuilder("SET l = :rank, #expires = :expires");
    if (seen.last().isEmpty()) {
      update.append(", p = :places");
      values.put(":places", AttributeValue.fromM(Map.of(place.name(), Items.number(expected))));
    } else {
      update.append(", p.#rank = :expected");
      names.put("#rank", place.name());
      values.put(":expected", Items.number(expected));
      values.put(":seen", Items.number(seen.last().getAsLong()));
      for (int i = 0; i < lost.size(); i++) {
        names.put("#lost" + i, Place.of(lost.get(i), place.standee()).name());
        update.append(i == 0 ? " REMOVE " : ", ").append("p.#lost").append(i);
      }
    }
    try {
      var _ =
          client.updateItem(
              r ->
                  r.tableName(table)
                      .key(keyOf(place.standee()))
                      .updateExpression(update.toString())
                      .conditionExpression(
                          seen.last().isEmpty() ? "attribute_not_exists(l)" : "l = :seen")
                      .expressionAttributeNames(names)
                      .expressionAttributeValues(values));
      return true;
    } catch (ConditionalCheckFailedException e) {
      return false;
    }
  }

  /** Says of a place that is there when he is expected, as in {@link Standee}. */
  void expect(DynamoDbClient client, Place place, long expected, long now) {
    try {
      var _ =
          client.updateItem(
              r ->
                  r.tableName(table)
                      .key(keyOf(place.standee()))
                      .updateExpression("SET p.#rank = :expected, #expires = :expires")
                      .conditionExpression("attribute_exists(p)")
                      .expressionAttributeNames(Map.of("#rank", place.name(), "#expires", EXPIRES))
                      .expressionAttributeValues(
                          Map.of(":expected", Items.number(expected), ":expires", expires(now))));
    } catch (ConditionalCheckFailedException e) {
      // Nothing is known of him any more; then he has no place to come back to.
    }
  }

  void forget(DynamoDbClient client, Place place) {
    try {
      var _ =
          client.updateItem(
              r ->
                  r.tableName(table)
                      .key(keyOf(place.standee()))
                      .updateExpression("REMOVE p.#rank")
                      .conditionExpression("attribute_exists(p)")
                      .expressionAttributeNames(Map.of("#rank", place.name())));
    } catch (ConditionalCheckFailedException e) {
      // Forgotten already.
    }
  }

  /** Somebody waits at his place; false where somebody else has it. */
  boolean waits(DynamoDbClient client, Place place, String ticket, long until, long now) {
    Map<String, AttributeValue> item = new HashMap<>(keyOf(HERE, place));
    item.put(TICKET, AttributeValue.fromS(ticket));
    item.put(UNTIL, Items.number(until));
    item.put(EXPIRES, expires(until));
    try {
      var _ =
          client.putItem(
              r ->
                  r.tableName(table)
                      .item(item)
                      .conditionExpression("attribute_not_exists(k) OR k = :me OR u < :now")
                      .expressionAttributeValues(
                          Map.of(":me", AttributeValue.fromS(ticket), ":now", Items.number(now))));
      return true;
    } catch (ConditionalCheckFailedException e) {
      return false;
    }
  }

  /** He was told to come back, and is expected then. */
  void sendAway(DynamoDbClient client, Place place, long expected) {
    Map<String, AttributeValue> item = new HashMap<>(keyOf(AWAY, place));
    item.put(UNTIL, Items.number(expected + GRACE));
    item.put(EXPIRES, expires(expected + GRACE));
    var _ = client.putItem(r -> r.tableName(table).item(item));
  }

  /** Nobody is expected there any more. */
  void cameBack(DynamoDbClient client, Place place) {
    var _ = client.deleteItem(r -> r.tableName(table).key(keyOf(AWAY, place)));
  }

  /** Whoever has this ticket waits here no longer. */
  void isGone(DynamoDbClient client, Place place, String ticket) {
    delete(client, new Waiting(place.sort(), ticket, 0), "k = :ticket");
  }

  /** Unless he was heard of meanwhile. */
  void sweep(DynamoDbClient client, Waiting lost) {
    delete(client, lost, "k = :ticket AND u = :until");
  }

  private void delete(DynamoDbClient client, Waiting waiting, String condition) {
    Map<String, AttributeValue> values =
        new HashMap<>(Map.of(":ticket", AttributeValue.fromS(waiting.ticket())));
    if (condition.contains(":until")) {
      values.put(":until", Items.number(waiting.until()));
    }
    try {
      var _ =
          client.deleteItem(
              r ->
                  r.tableName(table)
                      .key(Items.key(prefix + HERE, waiting.sort()))
                      .conditionExpression(condition)
                      .expressionAttributeValues(values));
    } catch (ConditionalCheckFailedException e) {
      // It is somebody else's by now.
    }
  }

  /** Of an item that means something until then; the table deletes it later, or much later. */
  private static AttributeValue expires(long micros) {
    return Items.number(micros / 1_000_000 + LONGEST_ABSENCE);
  }
}
