package tokenvending.budget;

import tokenvending.observation.CallOutcome;

/**
 * The right to make one call. Its holder must call {@link #complete} or {@link #release} exactly
 * once.
 */
public interface Permit {
  /**
   * Whether the call can still be made. Check it just before the call: if the process was
   * suspended, another caller can have the slot.
   */
  boolean isValid();

  /** Reports that the call was made, and its outcome. */
  void complete(CallOutcome outcome);

  /** Reports that the call was not made. */
  void release();
}
