package tokenvending.momentolocal.cache;

import tokenvending.momentolocal.call.CallError;

/** The result of an access check: the cache, or an error. */
sealed interface CacheAccess {

  /** The caller has the permission, and the cache exists. */
  record Admitted(long cacheId) implements CacheAccess {}

  /** The caller lacks the permission, or the cache does not exist. */
  record Refused(CallError refusal) implements CacheAccess {}
}
