package tokenvending.momentolocal.item;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import tokenvending.momentolocal.wire._ItemGetTypeResponse.ItemType;

/** Different elements. Not thread-safe. */
public final class ElementSet implements Value {

  private final Set<ByteString> elements = new LinkedHashSet<>();
  private long bytes;

  /** Adds the elements that are not in the set. */
  public void addAll(Collection<ByteString> added) {
    for (ByteString element : added) {
      if (elements.add(element)) {
        bytes += size(element);
      }
    }
  }

  /** Removes the elements that are in the set. */
  public void removeAll(Collection<ByteString> removed) {
    for (ByteString element : removed) {
      if (elements.remove(element)) {
        bytes -= size(element);
      }
    }
  }

  /** Removes all elements. */
  public void clear() {
    elements.clear();
    bytes = 0;
  }

  /** Whether the element is in the set. */
  public boolean contains(ByteString element) {
    return elements.contains(element);
  }

  /** Returns a read-only view of all elements. */
  public Set<ByteString> elements() {
    return Collections.unmodifiableSet(elements);
  }

  /** Returns different elements, chosen at random. */
  public List<ByteString> sample(long limit, RandomGenerator random) {
    List<ByteString> rest = new ArrayList<>(elements);
    int count = (int) Math.min(limit, rest.size());
    for (int i = 0; i < count; i++) {
      Collections.swap(rest, i, i + random.nextInt(rest.size() - i));
    }
    return List.copyOf(rest.subList(0, count));
  }

  @Override
  public ItemType type() {
    return ItemType.SET;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public boolean isEmpty() {
    return elements.isEmpty();
  }

  private static long size(ByteString element) {
    return (long) element.size() + ELEMENT_OVERHEAD;
  }
}
