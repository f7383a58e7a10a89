package tokenvending.momentolocal.cache;

import tokenvending.momentolocal.call.CallError;

/** The access check of a call: the cache, or an error. */
sealed interface CacheAccess {

  /** The caller has the right and the cache exists. */
  record Admitted(long cacheId) implements CacheAccess {}

  /** One of the two is missing. */
  record Refused(CallError refusal) implements CacheAccess {}
}
