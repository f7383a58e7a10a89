package tokenvending.aws;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tokenvending.aws.AttributeValue.Text;
import tokenvending.aws.Table.Placeholders;
import tokenvending.state.BlockStore;

/** Stores the entries as items of one partition. */
final class DynamoDbBlocks implements BlockStore {
  private static final String ENTRY = "e";

  private final DynamoDbLink link;
  private final String partition;

  DynamoDbBlocks(DynamoDbLink link, String partition) {
    this.link = link;
    this.partition = partition;
  }

  @Override
  public Reading read() {
    Placeholders placeholders = Placeholders.of(Map.of(":blocks", new Text(partition)));
    return switch (link.call(
        step -> step.call(table -> table.query("pk = :blocks", placeholders)))) {
      case Reply.Answered(List<Map<String, AttributeValue>> items) -> found(items);
      case Reply.Busy<?> busy -> new Reading.Unavailable();
      case Reply.Unavailable<?> unavailable -> new Reading.Unavailable();
    };
  }

  private static Reading found(List<Map<String, AttributeValue>> items) {
    Map<String, String> entries = new HashMap<>();
    for (Map<String, AttributeValue> item : items) {
      if (!(item.get(Items.SORT) instanceof Text(String name))
          || !(item.get(ENTRY) instanceof Text(String entry))) {
        return new Reading.Unavailable();
      }
      entries.put(name, entry);
    }
    return new Reading.Found(entries);
  }

  @Override
  public boolean put(String name, String entry) {
    Map<String, AttributeValue> item = new HashMap<>(Items.key(partition, name));
    item.put(ENTRY, new Text(entry));
    return link.call(
            step -> {
              step.run(table -> table.put(item));
              return true;
            })
        instanceof Reply.Answered<?>;
  }

  @Override
  public void remove(String name) {
    link.run(table -> table.delete(Items.key(partition, name)));
  }
}
