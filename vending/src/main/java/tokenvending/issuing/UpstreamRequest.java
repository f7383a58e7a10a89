package tokenvending.issuing;

import java.util.function.BooleanSupplier;
import tokenvending.identity.Attempt;
import tokenvending.policy.Grant;

/**
 * What one {@link UpstreamCall} is made for.
 *
 * @param repeated whether an earlier call for the same grant failed: it queues behind first ones
 * @param permitted whether the call may be made, checked just before it
 */
public record UpstreamRequest<K>(
    Grant grant,
    Attempt attempt,
    K key,
    IssueDeadline deadline,
    boolean repeated,
    BooleanSupplier permitted) {
  /** The first request for a grant; it has no permit yet. */
  public UpstreamRequest(Grant grant, Attempt attempt, K key, IssueDeadline deadline) {
    this(grant, attempt, key, deadline, false, () -> false);
  }

  /** The same once more. */
  public UpstreamRequest<K> again() {
    return again(key);
  }

  /** The same once more, with another key. */
  public UpstreamRequest<K> again(K other) {
    return new UpstreamRequest<>(grant, attempt, other, deadline, true, () -> false);
  }

  /** The same with a permit. */
  public UpstreamRequest<K> with(BooleanSupplier permit) {
    return new UpstreamRequest<>(grant, attempt, key, deadline, repeated, permit);
  }
}
