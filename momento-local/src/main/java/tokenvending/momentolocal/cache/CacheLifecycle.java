package tokenvending.momentolocal.cache;

/** Receives the creation, deletion and flush of caches; topics live and die with them. */
public interface CacheLifecycle {

  /** A cache has come to be. */
  void created(long cacheId);

  /** The cache's contents are gone, the cache stays. */
  void flushed(long cacheId);

  /** The cache is gone. */
  void deleted(long cacheId, String name);
}
