package tokenvending.reuse;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tokenvending.identity.Principal;
import tokenvending.permission.PermissionSet;
import tokenvending.policy.Grant;
import tokenvending.policy.TokenId;
import tokenvending.text.Digest;

/** Identifies tokens that are interchangeable: the whole grant, and the caller it is for. */
record ReuseKey(
    Optional<Caller> caller,
    String rule,
    Duration ttl,
    Optional<TokenId> tokenId,
    PermissionSet permissions) {
  record Caller(String issuer, String subject) {}

  /**
   * Returns the key of a grant whose token can be reused; empty otherwise. Anonymous callers cannot
   * be distinguished, so for them a token for each caller is a token for each request.
   */
  static Optional<ReuseKey> of(Grant grant) {
    return switch (grant.reuse()) {
      case NEVER -> Optional.empty();
      case CALLER -> caller(grant.caller()).map(caller -> of(Optional.of(caller), grant));
      case EVERYONE -> Optional.of(of(Optional.empty(), grant));
    };
  }

  private static Optional<Caller> caller(Principal caller) {
    return caller.subject().map(subject -> new Caller(caller.issuer(), subject));
  }

  private static ReuseKey of(Optional<Caller> caller, Grant grant) {
    return new ReuseKey(caller, grant.rule(), grant.ttl(), grant.tokenId(), grant.permissions());
  }

  /**
   * Returns the key as bytes, the same in every process.
   *
   * @param policyVersion the fingerprint of the policy that granted it
   */
  byte[] encoded(String policyVersion) {
    List<String> texts = new ArrayList<>();
    texts.add(policyVersion);
    texts.add(caller.isPresent() ? "caller" : "everyone");
    texts.add(caller.map(Caller::issuer).orElse(""));
    texts.add(caller.map(Caller::subject).orElse(""));
    texts.add(rule);
    texts.add(ttl.toString());
    texts.add(tokenId.isPresent() ? "id" : "no id");
    texts.add(tokenId.map(TokenId::value).orElse(""));
    texts.addAll(permissions.texts());
    return Digest.encoded(texts.toArray(new String[0]));
  }
}
