package tokenvending.application;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tokenvending.api.PolicyExplainer;
import tokenvending.configuration.Configuration;
import tokenvending.identity.Attempt;
import tokenvending.identity.Authentication;
import tokenvending.identity.AuthenticationResult;
import tokenvending.identity.PresentedCredential;
import tokenvending.identity.Principal;
import tokenvending.policy.RuleDocument;
import tokenvending.request.VendRequest;

/** Explains the decisions of one configuration. It has no token issuer. */
final class ConfigurationExplainer implements PolicyExplainer {
  private final Configuration configuration;
  private final Authentication authentication;

  ConfigurationExplainer(Configuration configuration, Authentication authentication) {
    this.configuration = configuration;
    this.authentication = authentication;
  }

  @Override
  public Explained explain(PresentedCredential credential, VendRequest request, Attempt attempt) {
    return switch (authentication.authenticate(credential, attempt)) {
      case AuthenticationResult.Authenticated(Principal caller) ->
          decided(caller, request, attempt);
      case AuthenticationResult.Unauthenticated(var reason, var challenges) ->
          new Explained.NotAuthenticated(reason.name().toLowerCase(Locale.ROOT).replace('_', ' '));
      case AuthenticationResult.LoginThrottled(var retryAfter) ->
          new Explained.NotAuthenticated("too many wrong passwords");
      case AuthenticationResult.Undecidable(var retryAfter) ->
          new Explained.NotAuthenticated("the issuer's keys or the users cannot be read");
    };
  }

  @Override
  public Explained explain(Map<String, List<String>> claims, VendRequest request, Attempt attempt) {
    Optional<Principal> imagined = DescribedCaller.of(claims, configuration);
    if (imagined.isEmpty()) {
      return new Explained.NotAuthenticated("expected exactly one sub, and at most one iss");
    }
    Principal caller = imagined.get();
    return DescribedCaller.deniedReason(caller, configuration)
        .<Explained>map(Explained.NotAuthenticated::new)
        .orElseGet(() -> decided(caller, request, attempt));
  }

  private Explained decided(Principal caller, VendRequest request, Attempt attempt) {
    Optional<String> denied =
        DescribedCaller.denyReason(caller, Optional.empty(), configuration, attempt.at());
    if (denied.isPresent()) {
      return new Explained.NotAuthenticated(denied.get());
    }
    List<String> rules =
        configuration.policyDocument().rules().stream().map(RuleDocument::id).toList();
    return new Explained.Decided(
        caller, rules, configuration.policy().explain(caller, request, attempt.at()));
  }
}
