package tokenvending.momentolocal.operation;

import java.util.Optional;
import tokenvending.momentolocal.call.CallError;
import tokenvending.momentolocal.call.CallResult;
import tokenvending.momentolocal.item.Item;
import tokenvending.momentolocal.item.Value;

/** The error of an operation on an item of another type. */
final class WrongType {

  private WrongType() {}

  /** Returns the value of an item, or the error if it is not of this type. */
  static <V extends Value> CallResult<Optional<V>> expect(Class<V> type, Optional<Item> item) {
    Optional<Value> value = item.map(Item::value);
    return value.isEmpty() || type.isInstance(value.get())
        ? new CallResult.Reply<>(value.map(type::cast))
        : new CallResult.Refused<>(
            CallError.failedPrecondition(
                "the operation does not apply to an item of type " + value.get().type()));
  }
}
