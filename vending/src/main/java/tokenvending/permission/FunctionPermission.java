package tokenvending.permission;

/** A permission to invoke functions. It grants nothing on items or topics. */
public record FunctionPermission(FunctionRole role, CacheSelector cache, ResourceSelector function)
    implements Permission {
  @Override
  public boolean covers(Permission other) {
    return other
            instanceof
            FunctionPermission(
                FunctionRole otherRole,
                CacheSelector otherCache,
                ResourceSelector otherFunction)
        && role.covers(otherRole)
        && cache.covers(otherCache)
        && function.covers(otherFunction);
  }

  @Override
  public boolean sameResources(Permission other) {
    return other instanceof FunctionPermission that
        && cache.equals(that.cache)
        && function.equals(that.function);
  }
}
