package tokenvending.permission;

/**
 * One statement of a token: a role on some resources. Momento's super-user and statements without a
 * selector cannot be expressed.
 */
public sealed interface Permission permits CachePermission, TopicPermission, FunctionPermission {
  Role role();

  CacheSelector cache();

  /** Whether this statement alone allows everything that the other one allows. */
  boolean covers(Permission other);

  /**
   * Whether both select exactly the same resources; Momento accepts only one statement for each.
   */
  boolean sameResources(Permission other);

  /**
   * The text form, such as {@code SubscribeOnly cache=chat topic=room-1}; {@link PermissionText}
   * parses it.
   */
  default String text() {
    return PermissionText.write(this);
  }
}
