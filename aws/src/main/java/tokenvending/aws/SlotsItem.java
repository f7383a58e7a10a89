package tokenvending.aws;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;
import tokenvending.aws.Slots.Reduction;
import tokenvending.aws.Slots.Slot;
import tokenvending.budget.BudgetTerms;

/**
 * The one item that every grant changes, in one conditional write: two grants that were decided by
 * the same reading cannot both be made. It has no time to live; where it is missing, what was
 * granted may have been forgotten.
 */
final class SlotsItem {
  private static final String VERSION = "v";
  private static final String WRITTEN_AT = "w";
  private static final String CLOSED_UNTIL = "c";
  private static final String TAKEN = "t";
  private static final String REDUCED_TO = "r";
  private static final String REDUCED_AT = "q";
  private static final String CALLS = "m";

  private static final String TAKEN_AT = "a";
  private static final String FREE_AT = "f";
  private static final String ANSWERED = "d";

  private final String table;
  private final Map<String, AttributeValue> key;

  SlotsItem(String table, Map<String, AttributeValue> key) {
    this.table = table;
    this.key = Map.copyOf(key);
  }

  /** As it is now; empty where there is none. */
  Optional<Slots> read(DynamoDbClient client) {
    Map<String, AttributeValue> item =
        client.getItem(r -> r.tableName(table).key(key).consistentRead(true)).item();
    if (item.isEmpty()) {
      return Optional.empty();
    }
    Map<String, Slot> taken = new HashMap<>();
    item.getOrDefault(TAKEN, AttributeValue.fromM(Map.of()))
        .m()
        .forEach((ticket, slot) -> taken.put(ticket, slot(slot.m())));
    OptionalLong reducedAt = Items.number(item, REDUCED_AT);
    return Optional.of(
        new Slots(
            Items.number(item, VERSION).orElseThrow(),
            Items.number(item, WRITTEN_AT).orElse(0),
            Items.number(item, CLOSED_UNTIL).orElse(0),
            taken,
            reducedAt.isEmpty()
                ? Optional.empty()
                : Optional.of(
                    new Reduction(
                        (int) Items.number(item, REDUCED_TO).orElse(1), reducedAt.getAsLong())),
            item.getOrDefault(CALLS, AttributeValue.fromL(List.of())).l().stream()
                .map(call -> Integer.valueOf(call.n()))
                .toList()));
  }

  private static Slot slot(Map<String, AttributeValue> slot) {
    return new Slot(
        Items.number(slot, TAKEN_AT).orElseThrow(),
        Items.number(slot, FREE_AT).orElseThrow(),
        Items.value(slot, ANSWERED).bool());
  }

  /** Puts one where there is none. */
  void create(DynamoDbClient client, long version, long closedUntil) {
    Map<String, AttributeValue> item = new HashMap<>(key);
    item.put(VERSION, Items.number(version));
    item.put(CLOSED_UNTIL, Items.number(closedUntil));
    item.put(TAKEN, AttributeValue.fromM(Map.of()));
    try {
      var _ =
          client.putItem(
              r -> r.tableName(table).item(item).conditionExpression("attribute_not_exists(v)"));
    } catch (ConditionalCheckFailedException e) {
      // Somebody else was quicker.
    }
  }

  /** Whether the slot was taken: not, where anything was granted or closed since it was read. */
  boolean take(DynamoDbClient client, Slots seen, String ticket, long now, BudgetTerms terms) {
    Map<String, String> names = new HashMap<>(Map.of("#ticket", ticket));
    List<String> gone = new ArrayList<>();
    seen.taken()
        .forEach(
            (old, slot) -> {
              if (slot.isFree(now)) {
                String name = "#old" + gone.size();
                names.put(name, old);
                gone.add("t." + name);
              }
            });
    long freeAt = now + Slots.micros(terms.longestCall()) + Slots.micros(terms.window());
    AttributeValue calls =
        AttributeValue.fromL(
            seen.callsUntil(now, terms).stream().map(call -> Items.number(call)).toList());
    AttributeValue slot =
        AttributeValue.fromM(
            Map.of(
                TAKEN_AT, Items.number(now),
                FREE_AT, Items.number(freeAt),
                ANSWERED, AttributeValue.fromBool(false)));
    return update(
        client,
        "SET t.#ticket = :slot, w = :now, v = :next, m = :calls"
            + (gone.isEmpty() ? "" : " REMOVE " + String.join(", ", gone)),
        "v = :seen",
        names,
        Map.of(
            ":slot",
            slot,
            ":now",
            Items.number(now),
            ":seen",
            Items.number(seen.version()),
            ":next",
            Items.number(seen.version() + 1),
            ":calls",
            calls));
  }

  /** Whoever read it before can take no slot any more. */
  void close(DynamoDbClient client, long until) {
    var _ =
        update(
            client,
            "SET c = :until, v = v + :one",
            "c < :until",
            Map.of(),
            Map.of(":until", Items.number(until), ":one", Items.number(1)));
  }

  /** Once for each ticket. */
  void answered(DynamoDbClient client, String ticket, long freeAt) {
    var _ =
        update(
            client,
            "SET t.#ticket.f = :free, t.#ticket.d = :yes",
            "t.#ticket.d = :no",
            Map.of("#ticket", ticket),
            Map.of(
                ":free", Items.number(freeAt),
                ":yes", AttributeValue.fromBool(true),
                ":no", AttributeValue.fromBool(false)));
  }

  void unused(DynamoDbClient client, String ticket) {
    var _ =
        update(
            client,
            "REMOVE t.#ticket",
            "attribute_exists(t.#ticket)",
            Map.of("#ticket", ticket),
            Map.of());
  }

  void reduce(DynamoDbClient client, Slots seen, Reduction reduction) {
    Map<String, AttributeValue> values =
        new HashMap<>(
            Map.of(
                ":to", Items.number(reduction.to()),
                ":at", Items.number(reduction.at()),
                ":one", Items.number(1)));
    seen.reduction().ifPresent(before -> values.put(":seen", Items.number(before.at())));
    var _ =
        update(
            client,
            "SET r = :to, q = :at, v = v + :one",
            seen.reduction().isPresent() ? "q = :seen" : "attribute_not_exists(q)",
            Map.of(),
            values);
  }

  private boolean update(
      DynamoDbClient client,
      String expression,
      String condition,
      Map<String, String> names,
      Map<String, AttributeValue> values) {
    UpdateItemRequest.Builder request =
        UpdateItemRequest.builder()
            .tableName(table)
            .key(key)
            .updateExpression(expression)
            .conditionExpression(condition);
    if (!names.isEmpty()) {
      request.expressionAttributeNames(names);
    }
    if (!values.isEmpty()) {
      request.expressionAttributeValues(values);
    }
    try {
      var _ = client.updateItem(request.build());
      return true;
    } catch (ConditionalCheckFailedException e) {
      return false;
    }
  }
}
