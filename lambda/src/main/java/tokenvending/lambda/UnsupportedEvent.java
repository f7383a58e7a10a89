package tokenvending.lambda;

/**
 * An event that this function does not answer. Its message is fixed, and is all that whoever sent
 * it is told.
 */
final class UnsupportedEvent extends RuntimeException {
  private static final long serialVersionUID = 1;

  UnsupportedEvent(String message) {
    super(message, null, false, false);
  }
}
