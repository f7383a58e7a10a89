package tokenvending.server.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tokenvending.configuration.Configuration;
import tokenvending.configuration.ConfigurationResult.Read;
import tokenvending.configuration.ServerSettings;
import tokenvending.server.http.HttpSettings;
import tokenvending.server.lifecycle.ExitCode;
import tokenvending.server.lifecycle.PolicyFile;
import tokenvending.server.lifecycle.ProblemPrinter;

/** {@code health}: a probe for containers that have neither a shell nor curl. */
@Command(
    name = "health",
    mixinStandardHelpOptions = true,
    description = {
      "Requests /readyz of a running server, at the port that the policy names.",
      "Exit code 0 if the status is 200, 1 if it is not or no response came within 5 s."
    })
final class HealthCommand implements Callable<Integer> {
  private static final int TIMEOUT_MS = 5_000;

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final PolicyOption policy = new PolicyOption();

  @Option(names = "--live", description = "Request /healthz instead: whether the process lives.")
  private boolean live;

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "Request this URL. The policy is not read.")
  private Optional<URI> url = Optional.empty();

  @Override
  public Integer call() {
    CommandSpec own = Objects.requireNonNull(spec, "picocli sets it");
    PrintWriter out = own.commandLine().getOut();
    PrintWriter err = own.commandLine().getErr();
    Optional<URI> target = url.isPresent() ? url : fromPolicy(err);
    if (target.isEmpty()) {
      return ExitCode.WRONG_INPUT;
    }
    try {
      int status = request(target.get());
      (status == HttpURLConnection.HTTP_OK ? out : err).println(target.get() + ": " + status);
      return status == HttpURLConnection.HTTP_OK ? ExitCode.DONE : ExitCode.REFUSED;
    } catch (IOException | IllegalArgumentException e) {
      err.println(target.get() + ": " + e.getMessage());
      return ExitCode.REFUSED;
    } finally {
      out.flush();
      err.flush();
    }
  }

  private Optional<URI> fromPolicy(PrintWriter err) {
    ProblemPrinter printer = new ProblemPrinter(err, System.getenv());
    Optional<ServerSettings> read =
        PolicyFile.find(policy.named(), System.getenv(), printer)
            .flatMap(file -> PolicyFile.read(file, printer))
            .map(Read::configuration)
            .map(Configuration::server);
    if (read.isEmpty()) {
      return Optional.empty();
    }
    ServerSettings server = read.get();
    if (server.management().isPresent()) {
      ServerSettings.Management management = server.management().get();
      return Optional.of(address(management.host(), management.port()));
    }
    if (server.tls().isPresent()) {
      err.println(
          "server.tls: its certificate names another host than a probe requests; set"
              + " server.management-port, or name the server with --url");
      err.flush();
      return Optional.empty();
    }
    return Optional.of(address(server.host(), server.port()));
  }

  /** A server that listens at every address also listens at loopback. */
  private URI address(String host, int port) {
    String reached =
        switch (host) {
          case "0.0.0.0" -> "127.0.0.1";
          case "::" -> "::1";
          default -> host;
        };
    return URI.create(
        "http://" + HttpSettings.urlHost(reached) + ":" + port + (live ? "/healthz" : "/readyz"));
  }

  private static int request(URI target) throws IOException {
    if (!(target.toURL().openConnection(Proxy.NO_PROXY) instanceof HttpURLConnection connection)) {
      throw new IOException("expected an http or https URL");
    }
    connection.setConnectTimeout(TIMEOUT_MS);
    connection.setReadTimeout(TIMEOUT_MS);
    connection.setInstanceFollowRedirects(false);
    try {
      return connection.getResponseCode();
    } finally {
      connection.disconnect();
    }
  }
}
