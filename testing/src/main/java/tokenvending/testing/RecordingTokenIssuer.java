package tokenvending.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import tokenvending.identity.Attempt;
import tokenvending.issuing.IssueResult;
import tokenvending.issuing.TokenIssuer;
import tokenvending.issuing.VendedToken;
import tokenvending.policy.Grant;
import tokenvending.secret.Secret;

/**
 * Issues fake tokens and records the grants, so that a test can prove that nothing was minted. Each
 * token differs from every earlier one. Thread-safe.
 */
public final class RecordingTokenIssuer implements TokenIssuer {
  /** The endpoint in every token. */
  public static final String ENDPOINT = "cell-1.example.com";

  private final InstantSource clock;
  private final List<Grant> grants = new ArrayList<>();
  private final Deque<Function<Grant, IssueResult>> script = new ArrayDeque<>();

  public RecordingTokenIssuer(InstantSource clock) {
    this.clock = clock;
  }

  /** Sets the results of the next calls, in order; later calls return a valid token. */
  public synchronized RecordingTokenIssuer answers(IssueResult... results) {
    for (IssueResult result : results) {
      script.add(grant -> result);
    }
    return this;
  }

  /** Sets the result of the next call; the function can throw. */
  public synchronized RecordingTokenIssuer answersWith(Function<Grant, IssueResult> answer) {
    script.add(answer);
    return this;
  }

  @Override
  public synchronized IssueResult issue(Grant grant, Attempt attempt) {
    grants.add(grant);
    Function<Grant, IssueResult> scripted = script.poll();
    return scripted == null ? new IssueResult.Issued(token(grant)) : scripted.apply(grant);
  }

  /** Returns the grants of all calls, in order. If it is empty, nothing was minted. */
  public synchronized List<Grant> grants() {
    return List.copyOf(grants);
  }

  private VendedToken token(Grant grant) {
    String json =
        "{\"endpoint\":\"%s\",\"api_key\":\"pretended-%d\"}".formatted(ENDPOINT, grants.size());
    return new VendedToken(
        Secret.of(Base64.getEncoder().encodeToString(json.getBytes(UTF_8))),
        ENDPOINT,
        clock.instant().truncatedTo(ChronoUnit.SECONDS).plus(grant.ttl()),
        grant.tokenId());
  }
}
