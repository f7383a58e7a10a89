package tokenvending.momentolocal.item;

import com.google.protobuf.ByteString;
import tokenvending.momentolocal.wire._ItemGetTypeResponse.ItemType;

/** A single value. */
public record Scalar(ByteString content) implements Value {

  @Override
  public ItemType type() {
    return ItemType.SCALAR;
  }

  @Override
  public long bytes() {
    return content.size();
  }

  @Override
  public boolean isEmpty() {
    return false;
  }
}
