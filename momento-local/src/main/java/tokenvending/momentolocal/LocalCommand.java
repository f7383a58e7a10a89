package tokenvending.momentolocal;

import io.grpc.Status;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tokenvending.momentolocal.fault.FaultPlan;
import tokenvending.momentolocal.fault.RpcNames;

/**
 * {@code local}: serves a {@link MomentoLocal} until a signal. Exit codes: 0 after a signal, 1 if
 * the port cannot be bound, 2 for an invalid option.
 */
@Command(
    name = "local",
    mixinStandardHelpOptions = true,
    description = "Runs momento-local, an emulator of Momento for development and tests.")
public final class LocalCommand implements Callable<Integer> {

  private static final Pattern RATE = Pattern.compile("([0-9]{1,7})(/s)?");

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "8080",
      description = "The port to listen on; 0 selects a free one. Default: ${DEFAULT-VALUE}.")
  private int port;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description =
          "The numeric address to listen at. One that other machines reach requires --allow-remote"
              + " and --api-key. Default: ${DEFAULT-VALUE}.")
  private String host = "127.0.0.1";

  @Option(
      names = "--allow-remote",
      description =
          "Allows a --host that other machines reach, as in a container. Each of them can use the"
              + " keys.")
  private boolean allowRemote;

  @Option(
      names = "--endpoint",
      paramLabel = "NAME",
      defaultValue = "localhost",
      description = "The endpoint that tokens advertise. Default: ${DEFAULT-VALUE}.")
  private String endpoint = "localhost";

  @Option(
      names = "--auth-rate",
      paramLabel = "N/s",
      defaultValue = "5/s",
      description = "Auth operations allowed in a second." + " Default: ${DEFAULT-VALUE}.")
  private String authRate = "5/s";

  @Option(
      names = "--api-key",
      paramLabel = "KEY",
      description = "The raw API key to accept. Default: a random one.")
  private Optional<String> apiKey = Optional.empty();

  @Option(
      names = "--v2-key",
      paramLabel = "KEY",
      description = "The v2 API key to accept. Default: a random one.")
  private Optional<String> v2Key = Optional.empty();

  @Option(
      names = "--session-key",
      paramLabel = "KEY",
      description = "The session credential to accept. Default: a random one.")
  private Optional<String> sessionKey = Optional.empty();

  @Option(
      names = "--keyless",
      description =
          "Accepts calls without a key, as forMomentoLocal() of Momento's SDKs makes them. They"
              + " have full access.")
  private boolean keyless;

  @Option(
      names = "--return-error",
      paramLabel = "ERROR",
      description = "Fails calls with this error, such as unavailable, for tests of retries.")
  private Optional<String> returnError = Optional.empty();

  @Option(
      names = "--error-rpcs",
      paramLabel = "RPC",
      split = ",",
      description =
          "Fails only these calls, such as get or topic-publish. Can be a list with commas."
              + " Default: all.")
  private List<String> errorRpcs = List.of();

  @Option(
      names = "--error-count",
      paramLabel = "N",
      description = "Fails only the first N calls of each kind. Default: every one.")
  private Optional<Long> errorCount = Optional.empty();

  @Option(
      names = "--admin-port",
      paramLabel = "N",
      description =
          "Also listens on this port for tests: block connections, store items, set the clock"
              + " forward. It requires no key; 0 selects a free port.")
  private Optional<Integer> adminPort = Optional.empty();

  @Option(
      names = "--cache",
      paramLabel = "NAME",
      description = "Creates this cache in addition to default-cache. Can be repeated.")
  private List<String> cacheNames = List.of();

  @Option(
      names = "--allow-host",
      paramLabel = "NAME",
      description =
          "Accepts requests for this host name, too. Its pages also require --allow-origin. Can be"
              + " repeated.")
  private List<String> allowedHosts = List.of();

  @Option(
      names = "--allow-origin",
      paramLabel = "ORIGIN",
      description = "Accepts requests of web pages of this origin, too. Can be repeated.")
  private List<String> allowedOrigins = List.of();

  /** Called by picocli, which sets the options. */
  public LocalCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    if (spec == null) {
      throw new IllegalStateException("only picocli can call this");
    }
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    AdjustableClock clock = new AdjustableClock(MomentoLocalOptions.defaults().clock());
    MomentoLocalOptions options = options(spec, clock);
    InetAddress address = address(spec);
    AtomicReference<@Nullable LocalServer> running = new AtomicReference<>();
    Thread stop = stopOnSignal(running);
    try {
      return serve(options, address, clock, running, out, err);
    } finally {
      if (running.get() == null) {
        cancel(stop);
      }
    }
  }

  private int serve(
      MomentoLocalOptions options,
      InetAddress address,
      AdjustableClock clock,
      AtomicReference<@Nullable LocalServer> running,
      PrintWriter out,
      PrintWriter err)
      throws InterruptedException {
    MomentoLocal local = MomentoLocal.start(options);
    Set<String> names = new LinkedHashSet<>();
    names.add("default-cache");
    names.addAll(cacheNames);
    names.forEach(local::createCache);

    LocalServer server;
    Optional<AdminServer> admin;
    String attempted = port + " on " + host;
    try {
      server = LocalServer.start(local, address, port);
      attempted = adminPort.orElse(0) + " on 127.0.0.1";
      admin = adminPort.map(at -> AdminServer.start(local, server, clock, at));
    } catch (CompletionException e) {
      // Netty has its own exception types, which differ by platform.
      if (e.getCause() instanceof IOException) {
        err.println("Port " + attempted + " is in use, or this user cannot use it.");
        err.flush();
        return 1;
      }
      throw e;
    }
    running.set(server);
    greet(out, local.credentials(), names, url(address, server.port()), admin);
    // A signal ends the process.
    new CountDownLatch(1).await();
    return 0;
  }

  /**
   * Returns the address to listen at. Without a key of the user's, others could not be kept out.
   */
  private InetAddress address(CommandSpec from) {
    InetAddress address;
    try {
      address = InetAddress.ofLiteral(host);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          from.commandLine(), "--host: expected a numeric address, such as 127.0.0.1", e);
    }
    if (!address.isLoopbackAddress() && (!allowRemote || apiKey.isEmpty() || keyless)) {
      throw new ParameterException(
          from.commandLine(),
          "--host: other machines reach "
              + host
              + ", which requires --allow-remote and --api-key, and excludes --keyless");
    }
    return address;
  }

  private MomentoLocalOptions options(CommandSpec from, AdjustableClock clock) {
    if (port < 0 || port > 65_535) {
      throw new ParameterException(from.commandLine(), "--port: 0 to 65535");
    }
    if (adminPort.filter(at -> at < 0 || at > 65_535).isPresent()) {
      throw new ParameterException(from.commandLine(), "--admin-port: 0 to 65535");
    }
    for (String name : cacheNames) {
      if (name.isBlank()) {
        throw new ParameterException(from.commandLine(), "--cache: expected a name");
      }
    }
    Matcher rate = RATE.matcher(authRate);
    if (!rate.matches()) {
      throw new ParameterException(
          from.commandLine(), "--auth-rate: expected a number a second, such as 5/s");
    }
    try {
      return MomentoLocalOptions.defaults()
          .withAuthOperationsPerSecond(Integer.parseInt(rate.group(1)))
          .withClock(clock)
          // Streams that end after a number of messages end soon.
          .withHeartbeatInterval(Duration.ofSeconds(1))
          .withFaults(faults(from))
          .withEndpoint(endpoint)
          .withKeyless(keyless)
          .withGivenKeys(new PresetKeys(apiKey, v2Key, sessionKey))
          .withAllowedHosts(Set.copyOf(allowedHosts))
          .withAllowedOrigins(Set.copyOf(allowedOrigins));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(from.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private FaultPlan faults(CommandSpec from) {
    if (returnError.isEmpty()) {
      if (!errorRpcs.isEmpty() || errorCount.isPresent()) {
        throw new ParameterException(
            from.commandLine(), "--error-rpcs and --error-count require --return-error");
      }
      return FaultPlan.none();
    }
    Status.Code code =
        FaultPlan.code(returnError.get())
            .orElseThrow(
                () ->
                    new ParameterException(
                        from.commandLine(),
                        "--return-error: expected one of " + FaultPlan.codes()));
    RpcNames rpcs = new RpcNames(Set.copyOf(errorRpcs));
    for (String unknown : rpcs.unknown()) {
      throw new ParameterException(from.commandLine(), "--error-rpcs: no such call: " + unknown);
    }
    if (errorCount.filter(count -> count < 0).isPresent()) {
      throw new ParameterException(from.commandLine(), "--error-count: expected a count");
    }
    return FaultPlan.of(new FaultPlan.Failure(code, rpcs, errorCount.orElse(FaultPlan.UNLIMITED)));
  }

  private void greet(
      PrintWriter out,
      LocalCredentials credentials,
      Set<String> caches,
      String url,
      Optional<AdminServer> admin) {
    out.println(
        allowRemote
            ? "momento-local: an emulator of Momento that other machines reach. Nothing here"
                + " reaches"
            : "momento-local: an emulator of Momento on this machine only. Nothing here reaches");
    out.println("Momento, nothing is stored, and its keys work nowhere else.");
    out.println();
    out.println("  API key (v1)        " + credentials.apiKey());
    out.println("  API key (v2)        " + credentials.v2Key());
    out.println("  session credential  " + credentials.sessionKey());
    if (keyless) {
      out.println("  keyless             every program on this machine has full access");
    }
    admin.ifPresent(
        at ->
            out.println(
                "  admin               http://127.0.0.1:"
                    + at.port()
                    + " (every program on this machine has access)"));
    returnError.ifPresent(error -> out.println("  faults              calls fail with " + error));
    out.println("  caches              " + String.join(", ", caches));
    out.println();
    out.println("  Momento's HTTP API, with an API key or a token:");
    String item = "'" + url + "/cache/default-cache?key=a";
    out.println("  curl -H 'Authorization: TOKEN' -X PUT " + item + "&ttl_seconds=60' -d text");
    out.println("  curl -H 'Authorization: TOKEN' " + item + "'");
    out.println();
    out.println("ready: " + url);
    out.flush();
  }

  private static String url(InetAddress address, int port) {
    String literal = address.getHostAddress();
    return "http://" + (literal.contains(":") ? "[" + literal + "]" : literal) + ":" + port;
  }

  private static Thread stopOnSignal(AtomicReference<@Nullable LocalServer> running) {
    Thread stop =
        new Thread(
            () -> {
              LocalServer server = running.get();
              if (server != null) {
                server.close();
              }
              // The JVM would report the signal as a failure, but the stop was successful.
              Runtime.getRuntime().halt(0);
            },
            "momento-local-stop");
    Runtime.getRuntime().addShutdownHook(stop);
    return stop;
  }

  private static void cancel(Thread stop) {
    try {
      Runtime.getRuntime().removeShutdownHook(stop);
    } catch (IllegalStateException e) {
      // The shutdown is already in progress.
    }
  }
}
