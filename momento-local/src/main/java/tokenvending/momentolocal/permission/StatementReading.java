package tokenvending.momentolocal.permission;

/** The result of parsing a statement. */
sealed interface StatementReading {

  /** A known statement. */
  record Read(Statement statement) implements StatementReading {}

  /** A statement of an unknown type. */
  record OfAnUnknownKind() implements StatementReading {}

  /** A statement that Momento would reject. */
  record NotRead(String reason) implements StatementReading {}
}
