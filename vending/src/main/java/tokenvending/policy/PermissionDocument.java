package tokenvending.policy;

import tokenvending.permission.Role;

/**
 * One entry under {@code permissions}. The role decides whether the target selects items, topics or
 * functions.
 */
public record PermissionDocument(Role role, SelectorDocument cache, SelectorDocument target) {}
