package tokenvending.aws;

import static tokenvending.aws.Items.EXPIRES;

import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import tokenvending.aws.AttributeValue.Bytes;
import tokenvending.aws.AttributeValue.Whole;
import tokenvending.aws.Table.Reading;
import tokenvending.state.SealedEntries;

/**
 * Stores each entry as an item with a time to live. Reads are eventually consistent, at half the
 * price: a caller that misses a recent entry gets its own token.
 */
final class DynamoDbEntries implements SealedEntries {
  private static final String SEALED = "b";
  private static final String UNTIL = "u";

  private final DynamoDbLink link;
  private final String prefix;
  private final InstantSource clock;

  DynamoDbEntries(DynamoDbLink link, String prefix, InstantSource clock) {
    this.link = link;
    this.prefix = prefix;
    this.clock = clock;
  }

  @Override
  public Optional<byte[]> find(String name) {
    Map<String, AttributeValue> key = Items.key(prefix + name);
    return switch (link.call(step -> step.call(table -> table.get(key, Reading.CHEAP)))) {
      case Reply.Answered(Map<String, AttributeValue> item) -> sealed(item);
      case Reply.Busy<?> busy -> Optional.empty();
      case Reply.Unavailable<?> unavailable -> Optional.empty();
    };
  }

  /** Returns the entry unless it has expired, because DynamoDB deletes expired items later. */
  private Optional<byte[]> sealed(Map<String, AttributeValue> item) {
    return Items.number(item, UNTIL).orElse(0) < clock.millis()
        ? Optional.empty()
        : Items.bytes(item, SEALED);
  }

  @Override
  public void put(String name, byte[] sealed, Duration life) {
    long until = clock.millis() + Math.max(1, life.toMillis());
    Map<String, AttributeValue> item = new HashMap<>(Items.key(prefix + name));
    item.put(SEALED, new Bytes(sealed));
    item.put(UNTIL, new Whole(until));
    item.put(EXPIRES, new Whole(until / 1_000 + 1));
    link.run(table -> table.put(item));
  }
}
