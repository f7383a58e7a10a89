package tokenvending.momentolocal.cache;

/** Receives the creation, flush and deletion of caches. Topics belong to their cache. */
public interface CacheLifecycle {

  /** The cache was created. */
  void created(long cacheId);

  /** The content of the cache was deleted; the cache still exists. */
  void flushed(long cacheId);

  /** The cache was deleted. */
  void deleted(long cacheId, String name);
}
