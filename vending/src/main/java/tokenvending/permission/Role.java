package tokenvending.permission;

/** What a permission allows on the resources that it selects. */
public sealed interface Role permits CacheRole, TopicRole, FunctionRole {
  /** Momento's name for the role, as in {@code tvm.yaml} and in responses. */
  String word();
}
