package tokenvending.momentolocal.operation;

import com.google.protobuf.ByteString;
import java.util.Optional;
import tokenvending.momentolocal.call.CallError;
import tokenvending.momentolocal.call.CallResult;

/** Values that are integers in decimal digits. */
final class Integers {

  private Integers() {}

  /** Returns the sum; an absent value counts as zero. */
  static CallResult<Long> add(Optional<ByteString> value, long amount) {
    try {
      long before = value.isEmpty() ? 0 : Long.parseLong(value.get().toStringUtf8());
      return new CallResult.Reply<>(Math.addExact(before, amount));
    } catch (NumberFormatException | ArithmeticException e) {
      return new CallResult.Refused<>(
          CallError.failedPrecondition(
              "the value is not an integer, or the result would overflow"));
    }
  }

  static ByteString bytes(long number) {
    return ByteString.copyFromUtf8(Long.toString(number));
  }
}
