package tokenvending.permission;

/** Which caches a permission is about. */
public sealed interface CacheSelector {
  /** Whether everything that the other selector matches is matched by this one. */
  boolean covers(CacheSelector other);

  /** Every cache of the account. */
  record AllCaches() implements CacheSelector {
    @Override
    public boolean covers(CacheSelector other) {
      return true;
    }
  }

  /** One cache. Compared byte by byte, case included. */
  record CacheName(String name) implements CacheSelector {
    public CacheName {
      Names.checked(name);
    }

    @Override
    public boolean covers(CacheSelector other) {
      return equals(other);
    }
  }
}
