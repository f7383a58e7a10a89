package tokenvending.momentolocal.operation;

import java.util.List;
import java.util.OptionalInt;

/** A part of a list, from an index to another, which is not in it. */
record Slice(int from, int to) {

  /**
   * Resolves indexes; negative ones count from the end.
   *
   * @param start inclusive; empty for the first
   * @param end exclusive; empty for the end
   */
  static Slice of(OptionalInt start, OptionalInt end, int length) {
    int from = start.isPresent() ? resolve(start.getAsInt(), length) : 0;
    int to = end.isPresent() ? resolve(end.getAsInt(), length) : length;
    return new Slice(from, Math.max(from, to));
  }

  <T> List<T> in(List<T> values) {
    return values.subList(from, to);
  }

  private static int resolve(int index, int length) {
    return Math.clamp(index < 0 ? (long) index + length : index, 0, length);
  }
}
