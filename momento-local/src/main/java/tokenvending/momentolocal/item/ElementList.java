package tokenvending.momentolocal.item;

import com.google.protobuf.ByteString;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import tokenvending.momentolocal.wire._ItemGetTypeResponse.ItemType;

/** Values in order. Not thread-safe. */
public final class ElementList implements Value {

  private final Deque<ByteString> values = new ArrayDeque<>();
  private long bytes;

  /** Adds a value before the first. */
  public void addFirst(ByteString value) {
    values.addFirst(value);
    bytes += size(value);
  }

  /** Adds a value after the last. */
  public void addLast(ByteString value) {
    values.addLast(value);
    bytes += size(value);
  }

  /** Removes and returns the first value of a list that is not empty. */
  public ByteString removeFirst() {
    ByteString value = values.removeFirst();
    bytes -= size(value);
    return value;
  }

  /** Removes and returns the last value of a list that is not empty. */
  public ByteString removeLast() {
    ByteString value = values.removeLast();
    bytes -= size(value);
    return value;
  }

  /** Replaces all values. */
  public void replace(List<ByteString> others) {
    values.clear();
    bytes = 0;
    others.forEach(this::addLast);
  }

  /** Returns a copy of all values. */
  public List<ByteString> values() {
    return new ArrayList<>(values);
  }

  /** Returns the number of values. */
  public int length() {
    return values.size();
  }

  @Override
  public ItemType type() {
    return ItemType.LIST;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public boolean isEmpty() {
    return values.isEmpty();
  }

  private static long size(ByteString value) {
    return (long) value.size() + ELEMENT_OVERHEAD;
  }
}
