package tokenvending.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.crac.Core;
import org.crac.Resource;
import tokenvending.api.ApiRequest;
import tokenvending.api.Body;
import tokenvending.api.Credentials;
import tokenvending.aws.SecretsManagerStore;
import tokenvending.configuration.AwsOptions.Front;
import tokenvending.configuration.Deployment;
import tokenvending.identity.Attempt;
import tokenvending.identity.AuthenticationResult;
import tokenvending.identity.PresentedCredential;
import tokenvending.identity.Principal;
import tokenvending.secret.SecretStore;
import tokenvending.text.Json;
import tokenvending.text.JsonObject;

/**
 * A request authorizer in front of the vend function. It rejects invalid credentials with the
 * challenge of a 401, a header that API Gateway renames in responses of the vend function. It also
 * throttles password guessing without access to the API key. Its result contains nothing about the
 * caller, and the vend function verifies the credential again. The returned policy is for the whole
 * stage, and only for this API.
 *
 * <p>A rejection is a result, because Lambda counts errors: API Gateway maps a policy that denies
 * to 401. Requests that need 429 or 503 go on to the vend function, which vends nothing for them.
 */
public final class AuthorizerHandler implements RequestStreamHandler, Resource {
  /** The member of the context with which the vend function answers 429: seconds to wait. */
  static final String RETRY_AFTER = "retryAfter";

  private final Optional<ExpectedApi> api;
  private final EmbeddedMetrics metrics;
  private final DeployedApplication deployed;
  private final InstantSource clock;
  private final RandomGenerator random;

  /** Called by AWS's runtime. */
  public AuthorizerHandler() {
    this(
        System.getenv(),
        new FileOutputStream(FileDescriptor.out),
        InstantSource.system(),
        new SecureRandom(),
        new SecretsManagerStore(InstantSource.system(), System::nanoTime));
    OperationsLogHandler.captureStandardError(new FileOutputStream(FileDescriptor.out));
    Core.getGlobalContext().register(this);
  }

  AuthorizerHandler(
      Map<String, String> environment,
      OutputStream stdout,
      InstantSource clock,
      RandomGenerator random,
      SecretStore secrets) {
    OperationsLogHandler.install(stdout);
    this.api = ExpectedApi.of(environment, Front.REST);
    this.metrics = EmbeddedMetrics.of(environment, stdout, clock);
    this.deployed =
        DeployedApplication.read(
            environment,
            // It vends nothing, so it needs no limits.
            Deployment.of(environment).withoutState(),
            stdout,
            clock,
            secrets,
            metrics);
    this.clock = clock;
    this.random = random;
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    handle(input, output);
  }

  void handle(InputStream input, OutputStream output) throws IOException {
    Json.Members members = GatewayEvent.parse(input);
    if (GatewayEvent.isHealthCheck(members)) {
      // The invocation keeps the version active; the vend function reports its readiness.
      write(new JsonObject().flag("ready", true), output);
      return;
    }
    GatewayEvent event = GatewayEvent.of(members);
    ExpectedApi own =
        api.orElseThrow(
            () ->
                new UnsupportedEvent(
                    "TVM_API_ID is not set: this function does not know its API."));
    own.require(event);
    if (!event.type().equals("REQUEST")) {
      throw new UnsupportedEvent("This function only authorizes requests. Call the API instead.");
    }
    Attempt attempt =
        new Attempt(
            event.requestId().orElseGet(() -> ApiRequest.newId(random)),
            ProxyRequest.from(event),
            clock.instant());
    PresentedCredential credential =
        Credentials.of(headersOf(event)).orElse(new PresentedCredential.Unreadable());
    switch (authenticated(credential, attempt)) {
      case AuthenticationResult.Authenticated(Principal caller) ->
          write(result(own, event, "Allow", caller.subject()), output);
      case AuthenticationResult.Unauthenticated no ->
          write(result(own, event, "Deny", Optional.empty()), output);
      case AuthenticationResult.LoginThrottled(Duration wait) ->
          write(
              result(own, event, "Allow", Optional.empty())
                  .object("context", new JsonObject().number(RETRY_AFTER, seconds(wait))),
              output);
      // The vend function tries again.
      case AuthenticationResult.Undecidable no ->
          write(result(own, event, "Allow", Optional.empty()), output);
    }
  }

  private AuthenticationResult authenticated(PresentedCredential credential, Attempt attempt) {
    try {
      return deployed.machine().authenticate(credential, attempt);
    } finally {
      metrics.write();
    }
  }

  private static JsonObject result(
      ExpectedApi own, GatewayEvent event, String effect, Optional<String> subject) {
    JsonObject statement =
        new JsonObject()
            .text("Action", "execute-api:Invoke")
            .text("Effect", effect)
            .text("Resource", wholeStage(own, event.methodArn()));
    JsonObject policy =
        new JsonObject().text("Version", "2012-10-17").objects("Statement", List.of(statement));
    return new JsonObject()
        .text("principalId", subject.orElse("anonymous"))
        .object("policyDocument", policy);
  }

  private static void write(JsonObject result, OutputStream output) throws IOException {
    output.write(result.utf8());
  }

  private static long seconds(Duration wait) {
    return Math.max(1, wait.plusMillis(999).toSeconds());
  }

  /**
   * Returns the ARN of the whole stage. A policy for one method would deny the next call of a
   * caller whose result is cached.
   */
  private static String wholeStage(ExpectedApi own, String methodArn) {
    String end = own.id() + "/" + own.stage() + "/";
    int at = methodArn.indexOf(end);
    if (!methodArn.startsWith("arn:") || at < 0) {
      throw new UnsupportedEvent("This function accepts events of its own API and stage only.");
    }
    return methodArn.substring(0, at) + end + "*";
  }

  private ApiRequest headersOf(GatewayEvent event) {
    return new ApiRequest(
        event.httpMethod(),
        "/",
        event.query(),
        event.headers(),
        Body.empty(),
        ProxyRequest.from(event),
        clock.instant());
  }

  /**
   * Creates the application once, which loads most of the classes that an event needs, and closes
   * it.
   */
  @Override
  public void beforeCheckpoint(org.crac.Context<? extends Resource> context) {
    deployed.primeApi();
    metrics.forget();
    deployed.close();
  }

  @Override
  public void afterRestore(org.crac.Context<? extends Resource> context) {
    var _ = deployed.machine();
  }
}
