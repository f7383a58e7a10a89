package tokenvending.aws;

/** What came of a step in the table. */
sealed interface Reply<T> {
  record Answered<T>(T value) implements Reply<T> {}

  /** The table is there, and too much is asked of one part of it at once; nothing was done. */
  record Busy<T>() implements Reply<T> {}

  /** It cannot be reached, or not in time; whether anything was done is not known. */
  record Unavailable<T>() implements Reply<T> {}
}
