package tokenvending.momentolocal.cache;

/** What must be told when a cache comes, goes, or is emptied; topics live and die with it. */
public interface CacheLifecycle {

  /** A cache has come to be. */
  void created(long cacheId);

  /** The cache's contents are gone, the cache stays. */
  void flushed(long cacheId);

  /** The cache is gone. */
  void deleted(long cacheId, String name);
}
