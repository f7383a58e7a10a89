package tokenvending.permission;

/** What may be done with Momento Functions. */
public enum FunctionRole implements Role {
  INVOKE("Invoke");

  private final String word;

  FunctionRole(String word) {
    this.word = word;
  }

  @Override
  public String word() {
    return word;
  }

  /** Whether everything the other role allows is allowed by this one. */
  public boolean covers(FunctionRole other) {
    return this == other;
  }
}
