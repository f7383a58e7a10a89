package tokenvending.momentolocal.permission;

/** The role that a statement grants on the resources it selects. */
public enum StatementRole {
  NONE,
  READ_WRITE,
  READ_ONLY,
  WRITE_ONLY,
  INVOKE;

  /** Whether this role alone is enough for a call that needs {@code right}. */
  public boolean covers(Right right) {
    return switch (this) {
      case READ_WRITE -> true;
      case READ_ONLY -> right == Right.READ;
      case WRITE_ONLY -> right == Right.WRITE;
      // Functions are not served here, so the right to invoke one opens nothing.
      case NONE, INVOKE -> false;
    };
  }
}
