package tokenvending.lambda;

import java.io.OutputStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import tokenvending.application.Application;
import tokenvending.application.RuntimeEnvironment;
import tokenvending.application.StateOpener;
import tokenvending.configuration.AwsOptions.Front;
import tokenvending.configuration.Configuration;
import tokenvending.configuration.ConfigurationProblem;
import tokenvending.configuration.ConfigurationReader;
import tokenvending.configuration.ConfigurationResult.Read;
import tokenvending.configuration.ConfigurationResult.Unusable;
import tokenvending.configuration.Deployment;
import tokenvending.momento.netty.NettyConnector;
import tokenvending.network.EnvironmentProxies;
import tokenvending.observation.Observer;
import tokenvending.secret.SecretStore;
import tokenvending.text.JsonObject;

/**
 * The application of a function, created from the file in the deployment package and the resources
 * of the stack. {@link #close} drops everything that must not be in a snapshot: keys, users,
 * connections, counters. {@link #machine} creates it again.
 */
final class DeployedApplication implements AutoCloseable {
  static {
    // Its classes take longer to load than a call takes. A JVM flag would print a line that is no
    // JSON.
    System.setProperty("io.netty.jfr.enabled", "false");
  }

  /**
   * One for the process, so that the trust store is in the snapshot; it opens no connection until
   * it is used.
   */
  private static final NettyConnector CONNECTOR = NettyConnector.nio();

  /** After a longer idle time the connection is replaced, because it can be dead. */
  private static final Duration LONGEST_IDLE = Duration.ofMinutes(1);

  private final Configuration configuration;
  private final Map<String, String> environment;
  private final OutputStream stdout;
  private final InstantSource clock;
  private final StateOpener states;
  private final SecretStore secrets;
  private final Observer observer;
  private final Object lock = new Object();
  private Optional<Application> wired = Optional.empty();
  private Optional<Instant> usedAt = Optional.empty();

  private DeployedApplication(
      Configuration configuration,
      Map<String, String> environment,
      OutputStream stdout,
      InstantSource clock,
      StateOpener states,
      SecretStore secrets,
      Observer observer) {
    this.configuration = configuration;
    this.environment = environment;
    this.stdout = stdout;
    this.clock = clock;
    this.states = states;
    this.secrets = secrets;
    this.observer = observer;
  }

  /**
   * Reads the file without opening anything.
   *
   * @param deployment the resources of the stack
   * @param stdout the target of audit events
   * @param observer receives metrics
   * @throws IllegalStateException with every problem of the file, if there is one
   */
  static DeployedApplication read(
      Map<String, String> environment,
      Deployment deployment,
      OutputStream stdout,
      InstantSource clock,
      SecretStore secrets,
      Observer observer) {
    EnvironmentProxies.install(environment);
    Path file =
        Path.of(
            environment.getOrDefault(
                "TVM_CONFIG", environment.getOrDefault("LAMBDA_TASK_ROOT", ".") + "/tvm.yaml"));
    return switch (ConfigurationReader.read(file)) {
      case Read read -> {
        Configuration configuration = deployment.applyTo(read.configuration());
        StateOpener states = new FunctionStateOpener(clock);
        states
            .configurationError(configuration.state())
            .ifPresent(
                why -> {
                  throw new IllegalStateException(read.source().error("state", why).toString());
                });
        yield new DeployedApplication(
            configuration, environment, stdout, clock, states, secrets, observer);
      }
      case Unusable(var problems) ->
          throw new IllegalStateException(
              problems.stream()
                  .filter(problem -> problem.severity() == ConfigurationProblem.Severity.ERROR)
                  .map(ConfigurationProblem::toString)
                  .collect(Collectors.joining("\n")));
    };
  }

  /** Returns what sends its events, as the file states. */
  Front front() {
    return configuration.aws().front();
  }

  /** Returns the application, created on the first call and after each {@link #close}. */
  Application machine() {
    synchronized (lock) {
      Application machine = wired.orElseGet(() -> wire(stdout));
      wired = Optional.of(machine);
      return machine;
    }
  }

  /** Returns the machine for an event. After a long idle time it connects anew. */
  Application machineForEvent() {
    Application machine = machine();
    synchronized (lock) {
      Instant now = clock.instant();
      if (usedAt.filter(then -> now.isAfter(then.plus(LONGEST_IDLE))).isPresent()) {
        machine.disconnect();
      }
      usedAt = Optional.of(now);
    }
    return machine;
  }

  /** Returns whether the machine can vend, and if not, the reason for the operator. */
  JsonObject health() {
    Optional<String> problem = machineForEvent().notReadyReason();
    return new JsonObject().flag("ready", problem.isEmpty()).text("problem", problem);
  }

  /** Loads the trust store and the classes of a TLS handshake. */
  static void prepareTls() {
    CONNECTOR.prepare();
  }

  /** Connects to the token service before the first event. */
  void connect(Duration timeout) {
    machine().connect(timeout);
  }

  /** Loads the classes of a vend's dependencies, without a key and without a lasting connection. */
  void prime() {
    primeApi();
    Priming.connect(CONNECTOR);
    secrets.prime();
    states.prime(configuration.state());
  }

  /** Runs the request path, without a line in the audit log. */
  void primeApi() {
    try (Application priming = wire(OutputStream.nullOutputStream())) {
      Priming.run(priming.api());
    }
  }

  private Application wire(OutputStream audit) {
    return Application.of(
        configuration,
        new RuntimeEnvironment(
                environment,
                audit,
                clock,
                System::nanoTime,
                // Created after a restore: restored processes must not share random state.
                new SecureRandom(),
                CONNECTOR,
                Optional.empty())
            .with(states)
            .with(secrets)
            .with(observer)
            .ofFunction());
  }

  @Override
  public void close() {
    synchronized (lock) {
      wired.ifPresent(Application::close);
      wired = Optional.empty();
      usedAt = Optional.empty();
      secrets.disconnect();
    }
  }
}
