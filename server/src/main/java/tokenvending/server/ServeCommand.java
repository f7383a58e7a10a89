package tokenvending.server;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tokenvending.api.PageFolder;
import tokenvending.application.ConfiguredApiKey;
import tokenvending.configuration.Configuration;
import tokenvending.configuration.ConfigurationFile;
import tokenvending.configuration.ConfigurationResult.Read;
import tokenvending.configuration.LocalUse;
import tokenvending.configuration.Problem;
import tokenvending.configuration.ServerSettings;
import tokenvending.configuration.StartChecks;
import tokenvending.secret.SecretStore;

/** {@code serve}: vends over HTTP until a signal ends it. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description = "Vends tokens over HTTP. Without a Momento API key, from a Momento of its own.")
final class ServeCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final PolicyFile policy = new PolicyFile();

  @Option(names = "--host", paramLabel = "HOST", description = "In place of server.host.")
  private Optional<String> host = Optional.empty();

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "In place of server.port; 0 takes a free one.")
  private Optional<Integer> port = Optional.empty();

  /** The launcher knows where it puts what it builds. */
  @Option(names = "--pages", paramLabel = "FOLDER", hidden = true)
  private Optional<Path> pages = Optional.empty();

  @Option(names = "--pages-missing", paramLabel = "SENTENCE", hidden = true)
  private String pagesMissing =
      "The demo pages are no part of this server: it was started without their folder.";

  @Override
  public Integer call() throws InterruptedException {
    CommandSpec own = Objects.requireNonNull(spec, "picocli sets it");
    PrintWriter err = own.commandLine().getErr();
    ConfigurationFile file = policy.find();
    Optional<Read> read = PolicyFile.read(file, err);
    return read.isEmpty()
        ? ExitCode.WRONG_INPUT
        : serve(file, read.get(), own.commandLine().getOut(), err);
  }

  private int serve(ConfigurationFile file, Read read, PrintWriter out, PrintWriter err)
      throws InterruptedException {
    Map<String, String> environment = System.getenv();
    boolean builtIn = file instanceof ConfigurationFile.BuiltIn;
    boolean local = LocalUse.applies(read.configuration(), builtIn, environment);
    List<Problem> problems = unfit(read, builtIn, local, environment);
    if (!problems.isEmpty()) {
      PolicyFile.print(problems, err);
      return ExitCode.WRONG_INPUT;
    }
    PolicyFile.print(read.warnings(), err);
    Configuration configuration = read.configuration();
    HttpSettings settings = settings(configuration, local);
    Optional<String> unfit = unfit(settings, local);
    if (unfit.isPresent()) {
      err.println(unfit.get());
      err.flush();
      return ExitCode.WRONG_INPUT;
    }
    PageFolder folder =
        pages
            .map(at -> PageFolder.at(at, pagesMissing))
            .orElseGet(() -> PageFolder.missing(pagesMissing));
    RunningServer server;
    try {
      server = RunningServer.start(configuration, settings, folder, local, environment);
    } catch (HttpListener.CannotListen e) {
      err.println(e.getMessage());
      err.flush();
      return ExitCode.REFUSED;
    } catch (HttpListener.UnusableTls e) {
      err.println(e.getMessage());
      err.flush();
      return ExitCode.WRONG_INPUT;
    }
    Optional<PolicyWatch> watch = watch(file, server, local, environment);
    stopOnSignal(server, watch);
    server.awaitReady(
        problem -> {
          err.println("not ready yet: " + problem);
          err.flush();
        });
    String scheme = settings.tls().isPresent() ? "https" : "http";
    String address = scheme + "://" + settings.host() + ":" + server.port();
    Banner.print(out, file, configuration, folder, local, address);
    // The way out is the signal.
    new CountDownLatch(1).await();
    return 0;
  }

  /** What the file needs and this machine lacks. */
  private static List<Problem> unfit(
      Read read, boolean builtIn, boolean local, Map<String, String> environment) {
    List<Problem> problems = new ArrayList<>();
    problems.addAll(StartChecks.unsetVariables(read, builtIn, environment));
    problems.addAll(StartChecks.missingOutsideAws(read));
    new Stores(environment, InstantSource.system())
        .hopeless(read.configuration().state())
        .ifPresent(why -> problems.add(read.source().error("state", why)));
    if (!local && problems.isEmpty()) {
      new ConfiguredApiKey(read.configuration().momento(), environment, SecretStore.none())
          .hopeless()
          .ifPresent(why -> problems.add(read.source().error("momento.api-key", why)));
    }
    return problems;
  }

  private static Optional<PolicyWatch> watch(
      ConfigurationFile file,
      RunningServer server,
      boolean local,
      Map<String, String> environment) {
    return switch (file) {
      case ConfigurationFile.BuiltIn(Path folder) -> Optional.empty();
      case ConfigurationFile.Written(Path path) ->
          Optional.of(
              PolicyWatch.start(
                  path,
                  read -> {
                    List<Problem> problems =
                        new ArrayList<>(unfit(read, false, local, environment));
                    if (LocalUse.applies(read.configuration(), false, environment) != local) {
                      problems.add(
                          read.source()
                              .error(
                                  "momento.api-key",
                                  "between Momento and local use only a restart changes"));
                    }
                    return problems;
                  },
                  server::change));
    };
  }

  private HttpSettings settings(Configuration configuration, boolean local) {
    ServerSettings written = configuration.server();
    return new HttpSettings(
        host.orElse(written.host()),
        port.orElse(written.port()),
        written.tls().map(tls -> new HttpSettings.Tls(tls.certificate(), tls.key())),
        address ->
            configuration.limits().trustedProxies().stream().anyMatch(r -> r.contains(address)),
        // In local use streams live on this port, and a cut would look like a fault of the SDK.
        local ? Optional.empty() : Optional.of(Duration.ofMinutes(5)),
        HttpSettings.Limits.USUAL);
  }

  /**
   * What is wrong with the address, if anything; the file's own words were checked with the file.
   */
  private static Optional<String> unfit(HttpSettings settings, boolean local) {
    if (settings.port() < 0 || settings.port() > 65_535) {
      return Optional.of("--port: expected 0 to 65535");
    }
    if (!local) {
      return Optional.empty();
    }
    if (settings.tls().isPresent()) {
      return Optional.of(
          "server.tls: local use is plain HTTP; name momento.api-key in the file, or leave tls"
              + " out");
    }
    return settings.host().equals("127.0.0.1") || settings.host().equals("localhost")
        ? Optional.empty()
        : Optional.of(
            "local use listens on 127.0.0.1 only, since anybody could mint with its keys: leave"
                + " the host out, or give a Momento API key");
  }

  private static void stopOnSignal(RunningServer server, Optional<PolicyWatch> watch) {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  watch.ifPresent(PolicyWatch::close);
                  server.close();
                  // The JVM would report the signal as a failure; a stop that went well is none.
                  Runtime.getRuntime().halt(0);
                },
                "stop"));
  }
}
