package tokenvending.permission;

/** Selects the caches of a permission. */
public sealed interface CacheSelector {
  /** Whether this selector matches everything that the other one matches. */
  boolean covers(CacheSelector other);

  /** Every cache of the account. */
  record AllCaches() implements CacheSelector {
    @Override
    public boolean covers(CacheSelector other) {
      return true;
    }
  }

  /** One cache. Names are compared byte by byte and are case-sensitive. */
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
