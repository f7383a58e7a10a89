package tokenvending.momentolocal.item;

import com.google.protobuf.ByteString;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import tokenvending.momentolocal.wire._ItemGetTypeResponse.ItemType;

/**
 * Different values, each with a score, in the order of score and then of bytes. Not thread-safe.
 */
public final class SortedSet implements Value {

  /** A value and its score. */
  public record Scored(ByteString value, double score) {}

  private static final Comparator<Scored> ORDER =
      Comparator.comparingDouble(Scored::score)
          .thenComparing(Scored::value, ByteString.unsignedLexicographicalComparator());

  private final Map<ByteString, Scored> byValue = new HashMap<>();
  private final NavigableSet<Scored> ordered = new TreeSet<>(ORDER);
  private long bytes;

  /** Sets the score of a value. Negative zero is zero. */
  public void put(ByteString value, double score) {
    remove(value);
    Scored added = new Scored(value, score + 0.0);
    byValue.put(value, added);
    ordered.add(added);
    bytes += size(value);
  }

  /** Removes a value, if it exists. */
  public void remove(ByteString value) {
    Scored gone = byValue.remove(value);
    if (gone != null) {
      ordered.remove(gone);
      bytes -= size(value);
    }
  }

  /** Removes all values. */
  public void clear() {
    byValue.clear();
    ordered.clear();
    bytes = 0;
  }

  /** Returns a value with its score. */
  public Optional<Scored> find(ByteString value) {
    return Optional.ofNullable(byValue.get(value));
  }

  /** Returns a read-only view of all values with their scores, lowest first. */
  public NavigableSet<Scored> ordered() {
    return Collections.unmodifiableNavigableSet(ordered);
  }

  @Override
  public ItemType type() {
    return ItemType.SORTED_SET;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public boolean isEmpty() {
    return byValue.isEmpty();
  }

  private static long size(ByteString value) {
    // It has an entry in the map and one in the tree.
    return value.size() + 2L * ELEMENT_OVERHEAD;
  }
}
