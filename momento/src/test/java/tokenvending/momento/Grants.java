package tokenvending.momento;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tokenvending.identity.Attempt;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.Principal;
import tokenvending.permission.CacheRole;
import tokenvending.permission.FunctionRole;
import tokenvending.permission.PermissionSet;
import tokenvending.permission.PermissionText;
import tokenvending.permission.TopicRole;
import tokenvending.policy.AuthenticationMethod;
import tokenvending.policy.Compilation;
import tokenvending.policy.ConditionDocument;
import tokenvending.policy.Decision;
import tokenvending.policy.Grant;
import tokenvending.policy.PermissionDocument;
import tokenvending.policy.Policy;
import tokenvending.policy.PolicyDocument;
import tokenvending.policy.Reuse;
import tokenvending.policy.RuleDocument;
import tokenvending.policy.SelectorDocument;
import tokenvending.request.DeclaredParameters;
import tokenvending.request.Parameter;
import tokenvending.request.VendRequest;

/** Grants as a policy makes them: one that allows everything, narrowed to what a test asks for. */
final class Grants {
  private static final SelectorDocument ALL = new SelectorDocument.All();

  /** An attempt from an address that is nobody's (RFC 5737), long ago. */
  static final Attempt HERE = here();

  private Grants() {}

  private static Attempt here() {
    try {
      return new Attempt(
          "request",
          new ClientAddress(InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, 1})),
          Instant.EPOCH);
    } catch (UnknownHostException e) {
      throw new AssertionError("four bytes are an address", e);
    }
  }

  static Grant of(String... permissions) {
    return of(Duration.ofHours(1), Optional.empty(), permissions);
  }

  static Grant of(Duration ttl, Optional<String> name, String... permissions) {
    PermissionSet narrower =
        new PermissionSet(
            List.of(permissions).stream()
                .map(text -> PermissionText.parse(text).orElseThrow())
                .toList());
    VendRequest request =
        new VendRequest(
            name.map(value -> Map.of("name", value)).orElse(Map.of()),
            Optional.of(narrower),
            Optional.of(ttl));
    Decision decision = everything().decide(Principal.anonymous(), request, Instant.EPOCH);
    if (decision instanceof Decision.Granted(Grant grant)) {
      return grant;
    }
    throw new AssertionError(decision.toString());
  }

  private static Policy everything() {
    RuleDocument rule =
        new RuleDocument(
            "everything",
            ConditionDocument.everyone(),
            Optional.of(Duration.ofHours(25)),
            Optional.of("${request.name}"),
            Reuse.NEVER,
            List.of(
                new PermissionDocument(CacheRole.READ_WRITE, ALL, ALL),
                new PermissionDocument(TopicRole.PUBLISH_SUBSCRIBE, ALL, ALL),
                new PermissionDocument(FunctionRole.INVOKE, ALL, ALL)));
    Compilation compilation =
        Policy.compile(
            new PolicyDocument(
                List.of(new AuthenticationMethod.Open()),
                new DeclaredParameters(List.of(new Parameter("name", 64, false))),
                Duration.ofHours(1),
                false,
                List.of(rule)));
    if (compilation instanceof Compilation.Compiled(Policy policy, var warnings)) {
      return policy;
    }
    throw new AssertionError(compilation.toString());
  }
}
