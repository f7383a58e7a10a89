package tokenvending.momentolocal.permission;

/** One selector of the wire, read or not. */
sealed interface SelectorReading {

  /** A selector. */
  record Selected(Selector selector) implements SelectorReading {}

  /** No selector where one must be, or an empty name in it. */
  record NotSelected(String reason) implements SelectorReading {}
}
