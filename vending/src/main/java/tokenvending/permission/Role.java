package tokenvending.permission;

/** What a permission lets its holder do with the resources it selects. */
public sealed interface Role permits CacheRole, TopicRole, FunctionRole {
  /** Momento's word for the role, as written in {@code tvm.yaml} and in answers. */
  String word();
}
