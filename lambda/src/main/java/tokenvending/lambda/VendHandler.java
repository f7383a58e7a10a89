package tokenvending.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.crac.Core;
import org.crac.Resource;
import tokenvending.aws.SecretsManagerStore;
import tokenvending.configuration.Deployment;
import tokenvending.secret.SecretStore;
import tokenvending.text.Json;

/**
 * Vends behind an API of API Gateway or the function's own URL. It verifies every credential
 * itself, because anyone with permission to invoke the function can forge an event. Supports
 * SnapStart: before a snapshot it drops everything secret, connected or random, and creates it
 * again after the restore.
 */
public final class VendHandler implements RequestStreamHandler, Resource {
  private static final Duration CONNECT = Duration.ofSeconds(3);

  private final Optional<ExpectedApi> api;
  private final InstantSource clock;
  private final EmbeddedMetrics metrics;
  private final DeployedApplication deployed;

  /** Called by AWS's runtime. */
  public VendHandler() {
    this(
        System.getenv(),
        new FileOutputStream(FileDescriptor.out),
        InstantSource.system(),
        readAhead(System.getenv()));
    OperationsLogHandler.captureStandardError(new FileOutputStream(FileDescriptor.out));
    Core.getGlobalContext().register(this);
    if (!snapStart(System.getenv())) {
      // Not on a thread of its own: the process can be frozen after its first event.
      connect(CONNECT);
    }
  }

  /**
   * Starts to read the API key on its own thread, because a caller waits for this start and reading
   * takes longest. Before a snapshot nothing is read, because it must not be in the snapshot.
   */
  private static SecretStore readAhead(Map<String, String> environment) {
    PrefetchingSecretStore secrets =
        new PrefetchingSecretStore(
            new SecretsManagerStore(InstantSource.system(), System::nanoTime));
    if (!snapStart(environment)) {
      Deployment.of(environment).apiKeySecret().ifPresent(secrets::begin);
      Thread.ofPlatform().daemon().name("prepare TLS").start(DeployedApplication::prepareTls);
    }
    return secrets;
  }

  private static boolean snapStart(Map<String, String> environment) {
    return "snap-start".equals(environment.get("AWS_LAMBDA_INITIALIZATION_TYPE"));
  }

  VendHandler(
      Map<String, String> environment,
      OutputStream stdout,
      InstantSource clock,
      SecretStore secrets) {
    OperationsLogHandler.install(stdout);
    this.clock = clock;
    this.metrics = EmbeddedMetrics.of(environment, stdout, clock);
    this.deployed =
        DeployedApplication.read(
            environment, Deployment.of(environment), stdout, clock, secrets, metrics);
    this.api = ExpectedApi.of(environment, deployed.front());
  }

  /** Connects to the token service before the first event, and waits at most for the timeout. */
  void connect(Duration timeout) {
    deployed.connect(timeout);
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    handle(input, output);
  }

  void handle(InputStream input, OutputStream output) throws IOException {
    Json.Members members = GatewayEvent.parse(input);
    if (GatewayEvent.isHealthCheck(members)) {
      output.write(deployed.health().utf8());
      return;
    }
    GatewayEvent event = GatewayEvent.of(members);
    ExpectedApi own =
        api.orElseThrow(
            () ->
                new UnsupportedEvent(
                    "TVM_API_ID is not set: this function does not know its API."));
    own.require(event);
    try {
      ProxyResponses.write(
          ProxyRequest.answer(deployed.machineForEvent().api(), event, clock.instant()),
          event.front(),
          output);
    } finally {
      metrics.write();
    }
  }

  /** Loads the classes of a vend, then drops everything that must not be in the snapshot. */
  @Override
  public void beforeCheckpoint(org.crac.Context<? extends Resource> context) {
    deployed.prime();
    metrics.forget();
    deployed.close();
  }

  @Override
  public void afterRestore(org.crac.Context<? extends Resource> context) {
    deployed.connect(CONNECT);
  }
}
