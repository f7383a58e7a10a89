package tokenvending.api;

/**
 * The bytes of a request or response. The array is not copied and must not be changed afterwards.
 */
public final class Body {
  /** The largest request body: 16 KiB. */
  public static final int LIMIT = 16 * 1024;

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
