package tokenvending.momento.socket;

import java.io.IOException;

/** The other side does not speak HTTP/2 as it should. */
final class ProtocolException extends IOException {
  private static final long serialVersionUID = 1;

  /**
   * Says what is wrong.
   *
   * @param message in words of ours: what was read is not to be quoted
   */
  ProtocolException(String message) {
    super(message);
  }
}
