package tokenvending.aws;

import static tokenvending.aws.Items.EXPIRES;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import tokenvending.aws.AttributeValue.Whole;
import tokenvending.aws.Table.Placeholders;
import tokenvending.aws.Table.Reading;
import tokenvending.limits.RateCounters;

/**
 * Counts with the generic cell rate algorithm (ITU-T I.371), by the instances' clocks, in
 * microseconds. An item holds the time at which its burst is whole again. Conditions are on ranges
 * and not on the value that was read, so that concurrent requests of one network do not make each
 * other fail. A request over a rate costs only reads. Several rates are counted one after the
 * other, and reversed if a later one is exceeded.
 */
final class DynamoDbCounters implements RateCounters {
  private static final String FRESH = "f";

  /**
   * How often a count is retried: one of two conditions holds, unless the item changes in between.
   */
  private static final int TRIES = 4;

  private final DynamoDbLink link;
  private final String prefix;
  private final InstantSource clock;

  DynamoDbCounters(DynamoDbLink link, String prefix, InstantSource clock) {
    this.link = link;
    this.prefix = prefix;
    this.clock = clock;
  }

  @Override
  public Counted count(List<Charge> charges) {
    if (charges.isEmpty()) {
      return new Counted.Admitted();
    }
    return switch (link.call(step -> count(step, charges))) {
      case Reply.Answered(Counted counted) -> counted;
      case Reply.Busy<Counted> busy -> new Counted.Unavailable();
      case Reply.Unavailable<Counted> unavailable -> new Counted.Unavailable();
    };
  }

  private Counted count(DynamoDbLink.Step step, List<Charge> charges) {
    long now = now();
    List<OptionalLong> seen = new ArrayList<>();
    int over = -1;
    long longest = 0;
    for (Charge charge : charges) {
      OptionalLong fresh = fresh(step, charge);
      long wait = wait(charge, fresh, now);
      if (wait > longest) {
        over = seen.size();
        longest = wait;
      }
      seen.add(fresh);
    }
    if (over >= 0) {
      return over(over, longest);
    }
    for (int i = 0; i < charges.size(); i++) {
      long wait = add(step, charges.get(i), seen.get(i), now);
      if (wait > 0) {
        charges.subList(0, i).forEach(counted -> takeBack(step, counted));
        return over(i, wait);
      }
    }
    return new Counted.Admitted();
  }

  private static Counted over(int charge, long wait) {
    return new Counted.Over(charge, Duration.of(wait, ChronoUnit.MICROS));
  }

  private OptionalLong fresh(DynamoDbLink.Step step, Charge charge) {
    return Items.number(step.call(table -> table.get(key(charge), Reading.CONSISTENT)), FRESH);
  }

  private Map<String, AttributeValue> key(Charge charge) {
    return Items.key(prefix + charge.key());
  }

  /** Returns the interval, rounded up: never above the rate. */
  private static long interval(Charge charge) {
    return Math.ceilDiv(Slots.micros(charge.rate().per()), charge.rate().count());
  }

  private static long burst(Charge charge) {
    return interval(charge) * (charge.rate().count() - 1);
  }

  private static long wait(Charge charge, OptionalLong fresh, long now) {
    return Math.max(now, fresh.orElse(now)) - now - burst(charge);
  }

  /** Returns the wait, or zero if the request was counted. */
  private long add(DynamoDbLink.Step step, Charge charge, OptionalLong known, long now) {
    OptionalLong seen = known;
    for (int i = 0; i < TRIES; i++) {
      long wait = wait(charge, seen, now);
      if (wait > 0) {
        return wait;
      }
      Table.Changed changed = write(step, charge, seen.orElse(now) <= now, now);
      if (changed.held()) {
        return 0;
      }
      seen = Items.number(changed.item(), FRESH);
    }
    throw new DynamoDbLink.TooMany();
  }

  private Table.Changed write(DynamoDbLink.Step step, Charge charge, boolean isFresh, long now) {
    long interval = interval(charge);
    Map<String, AttributeValue> values =
        isFresh
            ? Map.of(
                ":now", new Whole(now),
                ":then", new Whole(now + interval),
                ":expires", expires(charge, now))
            : Map.of(
                ":now", new Whole(now),
                ":interval", new Whole(interval),
                ":latest", new Whole(now + burst(charge)),
                ":expires", expires(charge, now));
    return step.call(
        table ->
            table.change(
                key(charge),
                isFresh
                    ? "SET f = :then, #expires = :expires"
                    : "SET f = f + :interval, #expires = :expires",
                isFresh ? "attribute_not_exists(f) OR f <= :now" : "f BETWEEN :now AND :latest",
                new Placeholders(Map.of("#expires", EXPIRES), values)));
  }

  private void takeBack(DynamoDbLink.Step step, Charge charge) {
    step.run(
        table ->
            table.update(
                key(charge),
                "SET f = f - :interval",
                Placeholders.of(Map.of(":interval", new Whole(interval(charge))))));
  }

  /** Returns the time to live: the burst is whole again after one period at the latest. */
  private static AttributeValue expires(Charge charge, long now) {
    return new Whole((now + Slots.micros(charge.rate().per())) / 1_000_000 + 60);
  }

  private long now() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
  }
}
