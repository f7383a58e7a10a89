package tokenvending.policy;

/** Whether a token may be handed out more than once. */
public enum Reuse {
  /** Every call mints. */
  NEVER,
  /** One token for each caller and grant. */
  CALLER,
  /** One token for all callers with the same grant. */
  EVERYONE;

  /** As written in {@code tvm.yaml}. */
  public String word() {
    return switch (this) {
      case NEVER -> "never";
      case CALLER -> "caller";
      case EVERYONE -> "everyone";
    };
  }
}
