package tokenvending.application;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import tokenvending.configuration.Configuration;
import tokenvending.configuration.PolicyCase;
import tokenvending.configuration.PolicyCase.Expected;
import tokenvending.configuration.PolicyCasesReader;
import tokenvending.identity.Principal;
import tokenvending.permission.PermissionSet;
import tokenvending.policy.Decision;
import tokenvending.policy.Grant;
import tokenvending.policy.TokenId;
import tokenvending.request.VendRequest;

/** Runs one policy case without minting a token. */
public final class CaseRun {
  private CaseRun() {}

  /** Returns a sentence about the difference from the expected decision; empty if there is none. */
  public static Optional<String> surprise(
      PolicyCase policyCase, Configuration configuration, Instant now) {
    Optional<Principal> caller = DescribedCaller.of(policyCase.as(), configuration);
    if (caller.isEmpty()) {
      return Optional.of("the case has no caller: `as` must have exactly one `sub`");
    }
    if (DescribedCaller.deniedReason(caller.get(), configuration).isPresent()) {
      return refused(policyCase.expected(), PolicyCasesReader.UNAUTHENTICATED);
    }
    if (configuration.policy().parameters().fault(policyCase.ask()).isPresent()) {
      return refused(policyCase.expected(), PolicyCasesReader.MALFORMED);
    }
    VendRequest request;
    try {
      request =
          new VendRequest(
              policyCase.ask(),
              policyCase.permissions().isEmpty()
                  ? Optional.empty()
                  : Optional.of(new PermissionSet(policyCase.permissions())),
              policyCase.ttl());
    } catch (IllegalArgumentException e) {
      return refused(policyCase.expected(), PolicyCasesReader.MALFORMED);
    }
    if (DescribedCaller.denyReason(caller.get(), Optional.empty(), configuration, now)
        .isPresent()) {
      return refused(policyCase.expected(), Decision.Reason.DENIED);
    }
    return switch (configuration.policy().decide(caller.get(), request, now)) {
      case Decision.Denied(String rule, Decision.Reason reason) ->
          refused(policyCase.expected(), reason);
      case Decision.Granted(Grant grant) -> granted(policyCase.expected(), grant);
    };
  }

  /**
   * Compares a denial. For an absent or unreadable claim, a case can also expect that no rule
   * matches.
   */
  private static Optional<String> refused(Expected expected, Decision.Reason reason) {
    boolean isNamedMoreClosely =
        reason == Decision.Reason.CLAIM_ABSENT || reason == Decision.Reason.CLAIM_NOT_STRINGS;
    String general = PolicyCasesReader.word(Decision.Reason.NO_RULE_MATCHES);
    return isNamedMoreClosely && expected.equals(new Expected.Refused(general))
        ? Optional.empty()
        : refused(expected, PolicyCasesReader.word(reason));
  }

  private static Optional<String> refused(Expected expected, String reason) {
    return switch (expected) {
      case Expected.Granted granted -> Optional.of("refused: " + reason);
      case Expected.Refused(String wanted) ->
          wanted.equals("any") || wanted.equals(reason)
              ? Optional.empty()
              : Optional.of("denied for another reason: " + reason);
    };
  }

  private static Optional<String> granted(Expected expected, Grant grant) {
    return switch (expected) {
      case Expected.Refused refused ->
          Optional.of("granted by rule " + grant.rule() + ": " + grant.permissions().texts());
      case Expected.Granted granted -> difference(granted, grant);
    };
  }

  private static Optional<String> difference(Expected.Granted wanted, Grant grant) {
    String tokenId = grant.tokenId().map(TokenId::value).orElse(Expected.Granted.NO_TOKEN_ID);
    if (differs(wanted.rule(), grant.rule())) {
      return Optional.of("granted by rule " + grant.rule());
    }
    if (differs(
        wanted.permissions().map(HashSet::new), new HashSet<>(grant.permissions().permissions()))) {
      return Optional.of("granted " + grant.permissions().texts());
    }
    if (differs(wanted.ttl(), grant.ttl())) {
      return Optional.of("granted for " + words(grant.ttl()));
    }
    if (differs(wanted.tokenId(), tokenId)) {
      return Optional.of("granted with token id " + tokenId);
    }
    return differs(wanted.reuse(), grant.reuse())
        ? Optional.of("granted with reuse " + grant.reuse().word())
        : Optional.empty();
  }

  private static <T> boolean differs(Optional<T> wanted, T actual) {
    return wanted.isPresent() && !wanted.get().equals(actual);
  }

  private static String words(Duration ttl) {
    return ttl.toSeconds() + "s";
  }
}
