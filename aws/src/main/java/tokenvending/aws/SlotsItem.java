package tokenvending.aws;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import tokenvending.aws.AttributeValue.Flag;
import tokenvending.aws.AttributeValue.Many;
import tokenvending.aws.AttributeValue.Named;
import tokenvending.aws.AttributeValue.Whole;
import tokenvending.aws.Slots.Reduction;
import tokenvending.aws.Slots.Slot;
import tokenvending.aws.Table.Placeholders;
import tokenvending.budget.BudgetTerms;

/**
 * The item with all slots, which every grant changes in one conditional write: of two grants based
 * on the same reading, one fails. It has no time to live; if it is missing, grants could have been
 * lost.
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

  private final Map<String, AttributeValue> key;

  SlotsItem(Map<String, AttributeValue> key) {
    this.key = Map.copyOf(key);
  }

  /** Returns whether an item of the partition is this one. */
  boolean is(Map<String, AttributeValue> item) {
    return key.entrySet().stream()
        .allMatch(part -> part.getValue().equals(item.get(part.getKey())));
  }

  static Slots slots(Map<String, AttributeValue> item) {
    Map<String, Slot> taken = new HashMap<>();
    for (String ticket : Items.named(item, TAKEN).keySet()) {
      taken.put(ticket, slot(Items.named(Items.named(item, TAKEN), ticket)));
    }
    OptionalLong reducedAt = Items.number(item, REDUCED_AT);
    return new Slots(
        Items.number(item, VERSION).orElseThrow(),
        Items.number(item, WRITTEN_AT).orElse(0),
        Items.number(item, CLOSED_UNTIL).orElse(0),
        taken,
        reducedAt.isEmpty()
            ? Optional.empty()
            : Optional.of(
                new Reduction(
                    (int) Items.number(item, REDUCED_TO).orElse(1), reducedAt.getAsLong())),
        Items.many(item, CALLS).stream().map(call -> (int) Items.number(call)).toList());
  }

  private static Slot slot(Map<String, AttributeValue> slot) {
    return new Slot(
        Items.number(slot, TAKEN_AT).orElseThrow(),
        Items.number(slot, FREE_AT).orElseThrow(),
        Items.flag(slot, ANSWERED));
  }

  /** Creates the item if there is none. */
  void create(Table table, long version, long closedUntil) {
    Map<String, AttributeValue> item = new HashMap<>(key);
    item.put(VERSION, new Whole(version));
    item.put(CLOSED_UNTIL, new Whole(closedUntil));
    item.put(TAKEN, new Named(Map.of()));
    // If it exists by now, another instance created it first.
    var _ = table.put(item, "attribute_not_exists(v)", Placeholders.NONE);
  }

  /**
   * Takes a slot. Returns false if a slot was granted, or the queue closed, since the item was
   * read.
   */
  boolean take(Table table, Slots seen, String ticket, long now, BudgetTerms terms) {
    Map<String, String> names = new HashMap<>(Map.of("#ticket", ticket));
    List<String> gone = new ArrayList<>();
    seen.taken()
        .forEach(
            (old, slot) -> {
              // One expression must not set and remove the same attribute.
              if (slot.isFree(now) && !old.equals(ticket)) {
                String name = "#old" + gone.size();
                names.put(name, old);
                gone.add("t." + name);
              }
            });
    long freeAt = now + Slots.micros(terms.longestCall()) + Slots.micros(terms.window());
    AttributeValue calls =
        new Many(seen.callsUntil(now, terms).stream().<AttributeValue>map(Whole::new).toList());
    AttributeValue slot =
        new Named(
            Map.of(
                TAKEN_AT, new Whole(now),
                FREE_AT, new Whole(freeAt),
                ANSWERED, new Flag(false)));
    return table.update(
        key,
        "SET t.#ticket = :slot, w = :now, v = :next, m = :calls"
            + (gone.isEmpty() ? "" : " REMOVE " + String.join(", ", gone)),
        "v = :seen",
        new Placeholders(
            names,
            Map.of(
                ":slot",
                slot,
                ":now",
                new Whole(now),
                ":seen",
                new Whole(seen.version()),
                ":next",
                new Whole(seen.version() + 1),
                ":calls",
                calls)));
  }

  /** Closes the queue: an instance that read the item before can take no slot. */
  void close(Table table, long until) {
    var _ =
        table.update(
            key,
            "SET c = :until, v = v + :one",
            "c < :until",
            Placeholders.of(Map.of(":until", new Whole(until), ":one", new Whole(1))));
  }

  /** Records the end of a call, once for each ticket. */
  void answered(Table table, String ticket, long freeAt) {
    var _ =
        table.update(
            key,
            "SET t.#ticket.f = :free, t.#ticket.d = :yes",
            "t.#ticket.d = :no",
            new Placeholders(
                Map.of("#ticket", ticket),
                Map.of(
                    ":free", new Whole(freeAt),
                    ":yes", new Flag(true),
                    ":no", new Flag(false))));
  }

  void release(Table table, String ticket) {
    var _ =
        table.update(
            key,
            "REMOVE t.#ticket",
            "attribute_exists(t.#ticket)",
            new Placeholders(Map.of("#ticket", ticket), Map.of()));
  }

  void reduce(Table table, Slots seen, Reduction reduction) {
    Map<String, AttributeValue> values =
        new HashMap<>(
            Map.of(
                ":to", new Whole(reduction.to()),
                ":at", new Whole(reduction.at()),
                ":one", new Whole(1)));
    seen.reduction().ifPresent(before -> values.put(":seen", new Whole(before.at())));
    var _ =
        table.update(
            key,
            "SET r = :to, q = :at, v = v + :one",
            seen.reduction().isPresent() ? "q = :seen" : "attribute_not_exists(q)",
            Placeholders.of(values));
  }
}
