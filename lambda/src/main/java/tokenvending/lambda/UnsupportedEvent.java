package tokenvending.lambda;

/** The event is not supported. Its message is fixed, and is the sender's only response. */
final class UnsupportedEvent extends RuntimeException {
  private static final long serialVersionUID = 1;

  UnsupportedEvent(String message) {
    super(message, null, false, false);
  }
}
