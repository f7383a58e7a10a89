package tokenvending.permission;

/** A permission to read or write items. It grants nothing on topics or functions. */
public record CachePermission(CacheRole role, CacheSelector cache, ResourceSelector item)
    implements Permission {
  @Override
  public boolean covers(Permission other) {
    return other
            instanceof
            CachePermission(
                CacheRole otherRole,
                CacheSelector otherCache,
                ResourceSelector otherItem)
        && role.covers(otherRole)
        && cache.covers(otherCache)
        && item.covers(otherItem);
  }

  @Override
  public boolean sameResources(Permission other) {
    return other instanceof CachePermission that
        && cache.equals(that.cache)
        && item.equals(that.item);
  }
}
