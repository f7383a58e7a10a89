package tokenvending.budget;

import tokenvending.observation.CallOutcome;

/** The right to one call. Ends with one {@link #complete} or one {@link #release}. */
public interface Permit {
  /**
   * Whether the call may still be made. Checked just before it: where the process stood still in
   * between, another caller may have the slot by now.
   */
  boolean isValid();

  /** The call was made, and ended like this. */
  void complete(CallOutcome outcome);

  /** The call was not made. */
  void release();
}
