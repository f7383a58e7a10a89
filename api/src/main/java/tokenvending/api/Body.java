package tokenvending.api;

/**
 * The bytes of a message. It does not copy: whoever hands an array over leaves it alone from then
 * on.
 */
public final class Body {
  private static final Body EMPTY = new Body(new byte[0]);

  private final byte[] bytes;

  private Body(byte[] bytes) {
    this.bytes = bytes;
  }

  public static Body of(byte[] bytes) {
    return new Body(bytes);
  }

  public static Body empty() {
    return EMPTY;
  }

  public int length() {
    return bytes.length;
  }

  public byte[] bytes() {
    return bytes;
  }

  @Override
  public String toString() {
    return bytes.length + " bytes";
  }
}
