package tokenvending.journal;

/** Keeps a whole line apart from what was left of one before it. */
final class Lines {
  private Lines() {}

  /** The line after a newline, which ends the torn one before it. */
  static byte[] onALineOfItsOwn(byte[] line) {
    byte[] bytes = new byte[line.length + 1];
    bytes[0] = '\n';
    System.arraycopy(line, 0, bytes, 1, line.length);
    return bytes;
  }
}
