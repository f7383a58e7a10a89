package tokenvending.momentolocal.permission;

/** The result of parsing a selector. */
sealed interface SelectorReading {

  /** A selector. */
  record Selected(Selector selector) implements SelectorReading {}

  /** The selector is missing, or has an empty name. */
  record NotSelected(String reason) implements SelectorReading {}
}
