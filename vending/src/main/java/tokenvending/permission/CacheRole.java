package tokenvending.permission;

/** Access to cache items. As at Momento, {@code WriteOnly} excludes conditional writes. */
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

  /** Whether this role allows everything that the other one allows. */
  public boolean covers(CacheRole other) {
    return this == READ_WRITE || this == other;
  }
}
