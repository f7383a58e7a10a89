package tokenvending.server.lifecycle;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import tokenvending.api.PageFolder;
import tokenvending.application.ConfiguredApiKey;
import tokenvending.configuration.Configuration;
import tokenvending.configuration.ConfigurationFile;
import tokenvending.configuration.ConfigurationProblem;
import tokenvending.configuration.ConfigurationResult.Read;
import tokenvending.configuration.LocalUse;
import tokenvending.configuration.ServerSettings;
import tokenvending.configuration.StartChecks;
import tokenvending.momento.TokenServiceConnector;
import tokenvending.secret.SecretStore;
import tokenvending.server.http.HttpListener;
import tokenvending.server.http.HttpSettings;
import tokenvending.server.http.TlsFiles;

/**
 * The process of {@code serve}: its options, and running it until a signal.
 *
 * @param config the policy file, instead of {@code ./tvm.yaml} or the built-in one
 * @param host replaces {@code server.host}
 * @param port replaces {@code server.port}
 * @param pages the folder of the demo pages
 * @param pagesMissing a sentence about why the pages are missing
 */
public record ServerProcess(
    Optional<Path> config,
    Optional<String> host,
    Optional<Integer> port,
    Optional<Path> pages,
    String pagesMissing) {
  public static final String NO_PAGES =
      "This server was started without the folder of the demo pages.";

  /** Serves until a signal ends the process; returns an exit code if the server cannot start. */
  public int run(Map<String, String> environment, PrintWriter out, PrintWriter err)
      throws InterruptedException {
    Shutdown shutdown = Shutdown.onSignal();
    try {
      AtomicReference<Runnable> reload = new AtomicReference<>(() -> {});
      HangupSignal.handle(() -> reload.get().run());
      ProblemPrinter printer = new ProblemPrinter(err, environment);
      Optional<ConfigurationFile> file = PolicyFile.find(config, environment, printer);
      Optional<Read> read = file.flatMap(found -> PolicyFile.read(found, printer));
      return read.isEmpty()
          ? ExitCode.WRONG_INPUT
          : serve(file.orElseThrow(), read.get(), environment, shutdown, reload, out, err);
    } finally {
      shutdown.cancelUnlessInOrder();
    }
  }

  private int serve(
      ConfigurationFile file,
      Read read,
      Map<String, String> environment,
      Shutdown shutdown,
      AtomicReference<Runnable> reload,
      PrintWriter out,
      PrintWriter err)
      throws InterruptedException {
    boolean builtIn = file instanceof ConfigurationFile.BuiltIn;
    boolean local = LocalUse.applies(read.configuration(), builtIn, environment);
    TokenServiceConnector connector =
        local
            ? TokenServiceConnectors.connector()
            : TokenServiceConnectors.preparing(read.configuration().momento());
    ProblemPrinter printer = new ProblemPrinter(err, environment);
    List<ConfigurationProblem> problems = unfit(read, builtIn, local, environment);
    if (!problems.isEmpty()) {
      printer.print(problems);
      return ExitCode.WRONG_INPUT;
    }
    printer.print(read.warnings());
    Configuration configuration = read.configuration();
    HttpSettings settings = settings(configuration, local);
    Optional<String> unfit = unfit(settings, local);
    if (unfit.isPresent()) {
      printer.print(unfit.get());
      return ExitCode.WRONG_INPUT;
    }
    PageFolder folder =
        pages
            .map(at -> PageFolder.at(at, pagesMissing))
            .orElseGet(() -> PageFolder.missing(pagesMissing));
    RunningServer server;
    try {
      server =
          RunningServer.start(
              configuration,
              settings,
              folder,
              Banner.describe(file),
              local,
              connector,
              System::nanoTime,
              environment);
    } catch (HttpListener.CannotListen e) {
      printer.print(String.valueOf(e.getMessage()));
      return ExitCode.REFUSED;
    } catch (TlsFiles.UnusableTls e) {
      printer.print(String.valueOf(e.getMessage()));
      return ExitCode.WRONG_INPUT;
    }
    Optional<PolicyWatch> watch = watch(file, server, local, environment);
    watch.ifPresent(one -> reload.set(one::reload));
    shutdown.inOrder(
        () -> {
          watch.ifPresent(PolicyWatch::close);
          server.close();
        });
    try {
      boolean ready =
          server.awaitReady(
              problem -> {
                err.println("not ready yet: " + problem);
                err.flush();
              });
      if (ready) {
        String scheme = settings.tls().isPresent() ? "https" : "http";
        String address =
            scheme + "://" + HttpSettings.urlHost(settings.host()) + ":" + server.port();
        Banner.print(out, file, configuration, folder, local, address, server.serveKeyless());
      }
      // A signal ends the process.
      new CountDownLatch(1).await();
      return ExitCode.DONE;
    } finally {
      // A signal does not get here, so this is a failure.
      shutdown.failed();
    }
  }

  /** Returns what the file requires and this machine lacks. */
  private static List<ConfigurationProblem> unfit(
      Read read, boolean builtIn, boolean local, Map<String, String> environment) {
    List<ConfigurationProblem> problems = new ArrayList<>();
    problems.addAll(StartChecks.unsetVariables(read, builtIn, environment));
    problems.addAll(StartChecks.missingOutsideAws(read));
    problems.addAll(StartChecks.auditFile(read));
    problems.addAll(StartChecks.blocks(read));
    new ServerStateOpener(environment, InstantSource.system())
        .configurationError(read.configuration().state())
        .ifPresent(why -> problems.add(read.source().error("state", why)));
    if (!local && problems.isEmpty()) {
      new ConfiguredApiKey(
              read.configuration().momento(),
              environment,
              SecretStore.none(),
              InstantSource.system())
          .configurationError()
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
                    List<ConfigurationProblem> problems =
                        new ArrayList<>(unfit(read, false, local, environment));
                    if (LocalUse.applies(read.configuration(), false, environment) != local) {
                      problems.add(
                          read.source()
                              .error(
                                  "momento.api-key",
                                  "a change between Momento and local use requires a restart"));
                    }
                    return problems;
                  },
                  server::change,
                  server.policy()));
    };
  }

  private HttpSettings settings(Configuration configuration, boolean local) {
    ServerSettings written = configuration.server();
    return new HttpSettings(
        host.orElse(written.host()),
        port.orElse(written.port()),
        written.tls().map(tls -> new HttpSettings.Tls(tls.certificate(), tls.key())),
        // In local use streams run on this port, and an interruption would look like an error of
        // the SDK.
        local ? Optional.empty() : Optional.of(Duration.ofMinutes(5)),
        HttpSettings.Limits.USUAL);
  }

  /** Returns a problem of the address, if any; that of the file was checked with the file. */
  private static Optional<String> unfit(HttpSettings settings, boolean local) {
    if (settings.port() < 0 || settings.port() > 65_535) {
      return Optional.of("--port: expected 0 to 65535");
    }
    if (!local) {
      return Optional.empty();
    }
    if (settings.tls().isPresent()) {
      return Optional.of(
          "server.tls: local use has plain HTTP only: set momento.api-key, or remove tls");
    }
    return settings.isLoopback()
        ? Optional.empty()
        : Optional.of(
            "local use listens at a loopback address only, because every client could mint with its"
                + " keys: remove the host, or set a Momento API key");
  }
}
