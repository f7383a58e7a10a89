package tokenvending.policy;

/** Whether a token can be vended more than once. */
public enum Reuse {
  /** Every request mints a token. */
  NEVER,
  /** One token for each caller and grant. */
  CALLER,
  /** One token for all callers with the same grant. */
  EVERYONE;

  /** The value in {@code tvm.yaml}. */
  public String word() {
    return switch (this) {
      case NEVER -> "never";
      case CALLER -> "caller";
      case EVERYONE -> "everyone";
    };
  }
}
