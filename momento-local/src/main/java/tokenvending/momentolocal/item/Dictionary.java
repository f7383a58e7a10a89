package tokenvending.momentolocal.item;

import com.google.protobuf.ByteString;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tokenvending.momentolocal.wire._ItemGetTypeResponse.ItemType;

/** Fields with values, in the order of their insertion. Not thread-safe. */
public final class Dictionary implements Value {

  private final Map<ByteString, ByteString> fields = new LinkedHashMap<>();
  private long bytes;

  /** Returns the value of a field. */
  public Optional<ByteString> get(ByteString field) {
    return Optional.ofNullable(fields.get(field));
  }

  /** Sets the value of a field. */
  public void put(ByteString field, ByteString value) {
    ByteString before = fields.put(field, value);
    bytes += size(field, value) - (before == null ? 0 : size(field, before));
  }

  /** Removes a field, if it exists. */
  public void remove(ByteString field) {
    ByteString gone = fields.remove(field);
    if (gone != null) {
      bytes -= size(field, gone);
    }
  }

  /** Removes all fields. */
  public void clear() {
    fields.clear();
    bytes = 0;
  }

  /** Returns a read-only view of all fields. */
  public Map<ByteString, ByteString> fields() {
    return Collections.unmodifiableMap(fields);
  }

  @Override
  public ItemType type() {
    return ItemType.DICTIONARY;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public boolean isEmpty() {
    return fields.isEmpty();
  }

  private static long size(ByteString field, ByteString value) {
    return (long) field.size() + value.size() + ELEMENT_OVERHEAD;
  }
}
