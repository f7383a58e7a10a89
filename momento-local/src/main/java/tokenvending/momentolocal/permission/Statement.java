package tokenvending.momentolocal.permission;

import com.google.protobuf.ByteString;

/** One statement of a token: a role on the selected resources of the selected caches. */
public record Statement(Family family, StatementRole role, Selector cache, Selector resource) {

  /** Whether this statement alone allows the call. */
  public boolean allows(Family wanted, Right right, ByteString cacheName, ByteString name) {
    return family == wanted
        && role.covers(right)
        && cache.matches(cacheName)
        && resource.matches(name);
  }

  /** Whether both select the same resources, whatever their roles: Momento rejects such a pair. */
  boolean selectsTheSameAs(Statement other) {
    return family == other.family && cache.equals(other.cache) && resource.equals(other.resource);
  }
}
