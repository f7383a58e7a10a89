package tokenvending.lambda;

/**
 * An event that this function does not answer. Its message is fixed, and is all that whoever sent
 * it is told.
 */
final class NotOurEvent extends RuntimeException {
  private static final long serialVersionUID = 1;

  NotOurEvent(String message) {
    super(message, null, false, false);
  }
}
