package tokenvending.permission;

/**
 * What may be done with cache items. {@code WriteOnly} excludes conditional writes, as at Momento.
 */
public enum CacheRole implements Role {
  READ_WRITE("ReadWrite"),
  READ_ONLY("ReadOnly"),
  WRITE_ONLY("WriteOnly");

  private final String word;

  CacheRole(String word) {
    this.word = word;
  }

  @Override
  public String word() {
    return word;
  }

  /** Whether everything the other role allows is allowed by this one. */
  public boolean covers(CacheRole other) {
    return this == READ_WRITE || this == other;
  }
}
