package tokenvending.vending;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import tokenvending.block.Block;
import tokenvending.block.BlockList;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.Principal;
import tokenvending.issuing.IssueResult;
import tokenvending.policy.Decision;
import tokenvending.policy.DenyRule;

/**
 * Denies callers before the policy decides: by the entries under {@code deny}, and by the list of
 * callers whom an operator has blocked. Thread-safe.
 */
public final class Denials {
  private static final Denials NONE =
      new Denials(List.of(), Optional.empty(), InstantSource.fixed(Instant.EPOCH));

  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final List<DenyRule> rules;
  private final Optional<BlockList> blocks;
  private final InstantSource clock;

  /**
   * Creates denials.
   *
   * @param rules the entries under {@code deny}
   * @param blocks absent if the file has none
   */
  public Denials(List<DenyRule> rules, Optional<BlockList> blocks, InstantSource clock) {
    this.rules = List.copyOf(rules);
    this.blocks = blocks;
    this.clock = clock;
  }

  /** Denies no caller. */
  public static Denials none() {
    return NONE;
  }

  /** Returns why the caller gets no token now; empty if the policy is to decide. */
  public Optional<Refusal> of(Principal caller, ClientAddress from) {
    if (!rules.isEmpty()) {
      Instant now = clock.instant();
      for (DenyRule rule : rules) {
        if (rule.denies(caller, from, now)) {
          return Optional.of(new Refusal.Denied(Decision.Reason.DENIED, rule.note()));
        }
      }
    }
    return blocks.isEmpty() ? Optional.empty() : blocked(blocks.get().status(caller));
  }

  private static Optional<Refusal> blocked(BlockList.Status status) {
    return switch (status) {
      case BlockList.Status.NotBlocked() -> Optional.empty();
      case BlockList.Status.Blocked(Block block) ->
          Optional.of(new Refusal.Denied(Decision.Reason.BLOCKED, block.reason()));
      case BlockList.Status.Unknown() ->
          Optional.of(
              new Refusal.TokenServiceUnavailable(
                  IssueResult.Cause.STATE_UNAVAILABLE, RETRY_AFTER));
    };
  }
}
