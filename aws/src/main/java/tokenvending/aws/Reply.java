package tokenvending.aws;

/** The result of a step in the table. */
sealed interface Reply<T> {
  record Answered<T>(T value) implements Reply<T> {}

  /** Too many requests for one part of the table at once; nothing was done. */
  record Busy<T>() implements Reply<T> {}

  /** The table is unavailable, or too slow; it is not known whether anything was done. */
  record Unavailable<T>() implements Reply<T> {}
}
