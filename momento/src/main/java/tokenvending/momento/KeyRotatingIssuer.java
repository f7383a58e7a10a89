package tokenvending.momento;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tokenvending.identity.Attempt;
import tokenvending.issuing.IssueDeadline;
import tokenvending.issuing.IssueResult;
import tokenvending.issuing.IssueResult.Category;
import tokenvending.issuing.IssueResult.Cause;
import tokenvending.issuing.IssueResult.Issued;
import tokenvending.issuing.IssueResult.Unavailable;
import tokenvending.issuing.IssueResult.UpstreamFault;
import tokenvending.issuing.TokenIssuer;
import tokenvending.issuing.UpstreamCall;
import tokenvending.issuing.UpstreamRequest;
import tokenvending.issuing.UpstreamResult;
import tokenvending.policy.Grant;

/**
 * Issues tokens with the API key in use. If Momento rejects the key, it is read again, and the call
 * is repeated once with a changed key. Logs one line for each failure.
 */
public final class KeyRotatingIssuer implements TokenIssuer {
  private static final Duration AFTER_NO_KEY = Duration.ofSeconds(2);

  private static final Logger LOG = LoggerFactory.getLogger(KeyRotatingIssuer.class);

  private final UpstreamCall<MomentoApiKey> call;
  private final RotatingApiKey apiKey;
  private final Optional<TokenServiceAddress> tokenService;
  private final Duration deadline;
  private final LongSupplier nanoTime;

  /**
   * Creates an issuer, which reads the key with the first request.
   *
   * @param tokenService the service's address if it does not follow from the key; for the log
   * @param deadline for one {@link #issue} from its first permit, see {@link IssueDeadline#USUAL}
   * @param nanoTime a monotonic clock
   */
  public KeyRotatingIssuer(
      UpstreamCall<MomentoApiKey> call,
      RotatingApiKey apiKey,
      Optional<TokenServiceAddress> tokenService,
      Duration deadline,
      LongSupplier nanoTime) {
    this.call = call;
    this.apiKey = apiKey;
    this.tokenService = tokenService;
    this.deadline = deadline;
    this.nanoTime = nanoTime;
  }

  @Override
  public IssueResult issue(Grant grant, Attempt attempt) {
    IssueDeadline until = new IssueDeadline(deadline, nanoTime);
    return switch (apiKey.current(deadline)) {
      case KeyReading.Unusable(String problem) -> {
        IssueResult noKey = new Unavailable(Cause.NO_API_KEY, AFTER_NO_KEY);
        log(noKey, Map.of("status", "none", "cause", problem), tokenService);
        yield noKey;
      }
      case KeyReading.Usable(MomentoApiKey key) ->
          issue(new UpstreamRequest<>(grant, attempt, key, until));
    };
  }

  private IssueResult issue(UpstreamRequest<MomentoApiKey> request) {
    MomentoApiKey used = request.key();
    UpstreamResult result = call.call(request);
    if (isAboutTheKey(result.result())
        && apiKey.insteadOf(used, request.deadline().left())
            instanceof KeyReading.Usable(MomentoApiKey other)
        && other != used) {
      UpstreamResult second = call.call(request.again(other));
      if (second.isMade()) {
        used = other;
        result = second;
      }
    }
    apiKey.noteResult(used, result.result());
    if (!result.details().isEmpty()) {
      log(result.result(), result.details(), Optional.of(tokenService.orElse(used.tokenService())));
    }
    return result.result();
  }

  private static boolean isAboutTheKey(IssueResult result) {
    return result instanceof UpstreamFault(Category category)
        && (category == Category.API_KEY_REJECTED || category == Category.API_KEY_NOT_PERMITTED);
  }

  private static void log(
      IssueResult result, Map<String, String> details, Optional<TokenServiceAddress> address) {
    String category =
        switch (result) {
          case Unavailable(Cause reason, Duration retryAfter) -> reason.name();
          case UpstreamFault(Category fault) -> fault.name();
          case Issued issued -> throw new IllegalArgumentException("that did not fail");
        };
    LOG.atWarn()
        .addKeyValue("category", category)
        .addKeyValue("status", details.get("status"))
        .addKeyValue("cause", details.get("cause"))
        .addKeyValue("host", address.map(TokenServiceAddress::authority).orElse("unknown"))
        .log("no token from the token service");
  }
}
