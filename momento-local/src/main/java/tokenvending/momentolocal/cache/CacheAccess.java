package tokenvending.momentolocal.cache;

import tokenvending.momentolocal.call.CallError;

/** Whether a call may go on to the data, and which cache it is about. */
sealed interface CacheAccess {

  /** The caller has the right and the cache exists. */
  record Admitted(long cacheId) implements CacheAccess {}

  /** One of the two is missing. */
  record Refused(CallError refusal) implements CacheAccess {}
}
