package tokenvending.permission;

/** Access to Momento Functions. */
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

  /** Whether this role allows everything that the other one allows. */
  public boolean covers(FunctionRole other) {
    return this == other;
  }
}
