package tokenvending.aws;

/** The result of a step against the table. */
sealed interface Reply<T> {
  record Answered<T>(T value) implements Reply<T> {}

  /** Too many concurrent requests for one part of the table; nothing was changed. */
  record Busy<T>() implements Reply<T> {}

  /** The table is unavailable or too slow; it is unknown whether anything was changed. */
  record Unavailable<T>() implements Reply<T> {}
}
