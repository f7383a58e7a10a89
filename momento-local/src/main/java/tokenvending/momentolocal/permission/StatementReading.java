package tokenvending.momentolocal.permission;

/** One statement of the wire, read or not. */
sealed interface StatementReading {

  /** A statement this service understands. */
  record Read(Statement statement) implements StatementReading {}

  /** A statement of a kind this service has never heard of. */
  record OfAnUnknownKind() implements StatementReading {}

  /** A statement that Momento would refuse. */
  record NotRead(String reason) implements StatementReading {}
}
