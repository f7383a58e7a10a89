package tokenvending.momento;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import tokenvending.budget.Budget;
import tokenvending.budget.BudgetedCall;
import tokenvending.identity.Attempt;
import tokenvending.issuing.IssueResult;
import tokenvending.issuing.RetryingCall;
import tokenvending.issuing.TokenIssuer;
import tokenvending.policy.Grant;

/** The decorators around the token service as the application puts them together. */
final class IssuingRow implements TokenIssuer, AutoCloseable {
  final RotatingApiKey apiKey;
  final MomentoTokenService service;
  private final TokenIssuer issuer;

  IssuingRow(
      RotatingApiKey apiKey,
      Optional<TokenServiceAddress> tokenService,
      TokenServiceConnector connector,
      Duration deadline,
      Budget budget,
      InstantSource clock,
      LongSupplier nanoTime,
      RandomGenerator random) {
    this.apiKey = apiKey;
    this.service = new MomentoTokenService(tokenService, connector, clock, nanoTime);
    this.issuer =
        new KeyRotatingIssuer(
            new RetryingCall<>(new BudgetedCall<>(service, budget, clock), random),
            apiKey,
            tokenService,
            deadline,
            nanoTime);
  }

  @Override
  public IssueResult issue(Grant grant, Attempt attempt) {
    return issuer.issue(grant, attempt);
  }

  @Override
  public void close() {
    service.close();
  }
}
