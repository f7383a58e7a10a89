package tokenvending.issuing;

import java.util.function.BooleanSupplier;
import tokenvending.identity.Attempt;
import tokenvending.policy.Grant;

/**
 * The input of one {@link UpstreamCall}.
 *
 * @param repeated whether an earlier call for the same grant failed; a repeated call queues behind
 *     first ones
 * @param permitted whether the call can still be made, checked just before it
 */
public record UpstreamRequest<K>(
    Grant grant,
    Attempt attempt,
    K key,
    IssueDeadline deadline,
    boolean repeated,
    BooleanSupplier permitted) {
  /** The first request for a grant, without a permit. */
  public UpstreamRequest(Grant grant, Attempt attempt, K key, IssueDeadline deadline) {
    this(grant, attempt, key, deadline, false, () -> false);
  }

  /** Returns the same request as a repeated one. */
  public UpstreamRequest<K> again() {
    return again(key);
  }

  /** Returns the same request as a repeated one, with another key. */
  public UpstreamRequest<K> again(K other) {
    return new UpstreamRequest<>(grant, attempt, other, deadline, true, () -> false);
  }

  /** Returns the same request with a permit. */
  public UpstreamRequest<K> with(BooleanSupplier permit) {
    return new UpstreamRequest<>(grant, attempt, key, deadline, repeated, permit);
  }
}
