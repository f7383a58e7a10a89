package tokenvending.momentolocal.operation;

import java.util.List;

/** A part of a list, from an index to another, which is not in it. */
record Slice(int from, int to) {

  /**
   * Resolves indexes; negative ones count from the end.
   *
   * @param start inclusive; 0 for the first
   * @param end exclusive; the length for the end
   */
  static Slice of(int start, int end, int length) {
    int from = resolve(start, length);
    return new Slice(from, Math.max(from, resolve(end, length)));
  }

  <T> List<T> in(List<T> values) {
    return values.subList(from, to);
  }

  private static int resolve(int index, int length) {
    return Math.clamp(index < 0 ? (long) index + length : index, 0, length);
  }
}
