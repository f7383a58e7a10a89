package tokenvending.momentolocal.cache;

import tokenvending.momentolocal.call.Refusal;

/** Whether a call may go on to the data, and which cache it is about. */
sealed interface Admission {

  /** The caller has the right and the cache exists. */
  record Admitted(long cacheId) implements Admission {}

  /** One of the two is missing. */
  record Refused(Refusal refusal) implements Admission {}
}
