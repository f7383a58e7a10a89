package tokenvending.permission;

/**
 * One statement of a token: a role on some resources. There is no way to write Momento's super-user
 * here, nor a statement without a selector.
 */
public sealed interface Permission permits CachePermission, TopicPermission, FunctionPermission {
  Role role();

  CacheSelector cache();

  /** Whether everything that the other statement allows is allowed by this one alone. */
  boolean covers(Permission other);

  /** Whether both are about the very same resources; Momento takes only one statement for each. */
  boolean sameResources(Permission other);

  /**
   * The compact form, such as {@code SubscribeOnly cache=chat topic=room-1}; {@link PermissionText}
   * reads it.
   */
  default String text() {
    return PermissionText.write(this);
  }
}
