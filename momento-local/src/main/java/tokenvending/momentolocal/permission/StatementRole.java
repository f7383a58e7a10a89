package tokenvending.momentolocal.permission;

/** The role that a statement grants on the resources it selects. */
public enum StatementRole {
  NONE,
  READ_WRITE,
  READ_ONLY,
  WRITE_ONLY,
  INVOKE;

  /** Whether this role grants everything that the call requires. */
  public boolean covers(Right right) {
    return switch (this) {
      case READ_WRITE -> true;
      case READ_ONLY -> right == Right.READ;
      case WRITE_ONLY -> right == Right.WRITE;
      // Functions are not supported here, so this role grants nothing.
      case NONE, INVOKE -> false;
    };
  }
}
