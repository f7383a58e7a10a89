package tokenvending.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tokenvending.application.Application;
import tokenvending.application.DescribedCaller;
import tokenvending.application.RuntimeEnvironment;
import tokenvending.application.StateOpener;
import tokenvending.aws.SecretsManagerStore;
import tokenvending.configuration.Configuration;
import tokenvending.configuration.ConfigurationFile;
import tokenvending.configuration.ConfigurationProblem;
import tokenvending.configuration.ConfigurationResult.Read;
import tokenvending.configuration.LocalUse;
import tokenvending.configuration.StartChecks;
import tokenvending.identity.Attempt;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.Principal;
import tokenvending.issuing.VendedToken;
import tokenvending.network.HostName;
import tokenvending.policy.Grant;
import tokenvending.request.VendRequest;
import tokenvending.secret.Secret;
import tokenvending.server.lifecycle.ExitCode;
import tokenvending.server.lifecycle.PolicyFile;
import tokenvending.server.lifecycle.ProblemPrinter;
import tokenvending.server.lifecycle.ServerStateOpener;
import tokenvending.server.lifecycle.TokenServiceConnectors;
import tokenvending.text.Json;
import tokenvending.vending.Recorder;
import tokenvending.vending.Refusal;
import tokenvending.vending.VendOutcome.Vended;

/** {@code vend}: prints one token, minted with the file's API key or vended by a running server. */
@Command(
    name = "vend",
    mixinStandardHelpOptions = true,
    description = {
      "Vends one token, and prints it.",
      "Default: with your API key, under the policy, for the caller of --as.",
      "With --url: from a running server, with your credential.",
      "Exit code: 0 a token, 1 rejected or unavailable, 2 the input is" + " not clear."
    })
final class VendCommand implements Callable<Integer> {
  private static final long LARGEST_ANSWER = 64 * 1024;

  @Spec private @Nullable CommandSpec spec;
  @Mixin private final PolicyOption policy = new PolicyOption();
  @Mixin private final VendOptions options = new VendOptions();

  @Option(names = "--url", paramLabel = "URL", description = "A running server.")
  private Optional<String> url = Optional.empty();

  @Option(
      names = "--bearer",
      paramLabel = "env:NAME|file:PATH",
      description = "With --url: the JWT to send.")
  private Optional<String> bearer = Optional.empty();

  @Option(names = "--user", paramLabel = "NAME", description = "With --url: the user to sign in.")
  private Optional<String> user = Optional.empty();

  @Option(
      names = "--password",
      paramLabel = "env:NAME|file:PATH",
      description = "With --url: the password of the user.")
  private Optional<String> password = Optional.empty();

  @Override
  public Integer call() throws IOException, InterruptedException {
    CommandSpec own = Objects.requireNonNull(spec, "picocli sets it");
    PrintWriter out = own.commandLine().getOut();
    PrintWriter err = own.commandLine().getErr();
    try {
      return url.isPresent() ? fromServer(server(url.get()), out, err) : fromMomento(out, err);
    } catch (VendOptions.Unclear e) {
      err.println(e.getMessage());
      return ExitCode.WRONG_INPUT;
    } finally {
      out.flush();
      err.flush();
    }
  }

  private int fromMomento(PrintWriter out, PrintWriter err) throws VendOptions.Unclear {
    if (bearer.isPresent() || user.isPresent() || password.isPresent()) {
      throw new VendOptions.Unclear("--bearer, --user and --password require --url");
    }
    Map<String, String> environment = System.getenv();
    ProblemPrinter printer = new ProblemPrinter(err, environment);
    Optional<ConfigurationFile> file = PolicyFile.find(policy.named(), environment, printer);
    Optional<Read> read = file.flatMap(found -> PolicyFile.read(found, printer));
    if (read.isEmpty()) {
      return ExitCode.WRONG_INPUT;
    }
    boolean builtIn = file.orElseThrow() instanceof ConfigurationFile.BuiltIn;
    Configuration configuration = read.get().configuration();
    if (LocalUse.applies(configuration, builtIn, environment)) {
      throw new VendOptions.Unclear(
          "no Momento API key: set MOMENTO_API_KEY or momento.api-key, or use --url with a running"
              + " server");
    }
    StateOpener stores = new ServerStateOpener(environment, InstantSource.system());
    List<ConfigurationProblem> problems =
        new ArrayList<>(StartChecks.unsetVariables(read.get(), builtIn, environment));
    stores
        .configurationError(configuration.state())
        .ifPresent(why -> problems.add(read.get().source().error("state", why)));
    if (!problems.isEmpty()) {
      printer.print(problems);
      return ExitCode.WRONG_INPUT;
    }
    Principal caller = options.principal(configuration);
    VendRequest request = options.request(configuration);
    Optional<String> deniedReason = DescribedCaller.deniedReason(caller, configuration);
    if (deniedReason.isPresent()) {
      err.println("denied: " + deniedReason.get());
      return ExitCode.REFUSED;
    }
    // The token is written to standard output, so the audit log is not.
    RuntimeEnvironment runtime =
        new RuntimeEnvironment(
                environment,
                new FileOutputStream(FileDescriptor.err),
                InstantSource.system(),
                System::nanoTime,
                new SecureRandom(),
                TokenServiceConnectors.connector(),
                Optional.empty())
            .with(new SecretsManagerStore(InstantSource.system(), System::nanoTime))
            .with(stores);
    try (Application application = Application.of(configuration, runtime)) {
      Optional<String> notReadyReason = application.notReadyReason();
      if (notReadyReason.isPresent()) {
        throw new VendOptions.Unclear(notReadyReason.get());
      }
      Attempt attempt =
          new Attempt(
              "command-line",
              new ClientAddress(InetAddress.getLoopbackAddress()),
              InstantSource.system().instant());
      return switch (application.vendTo(caller, request, attempt)) {
        case Vended(Grant grant, VendedToken token) -> {
          out.println(token.token().reveal());
          yield ExitCode.DONE;
        }
        case Refusal refusal -> {
          String reason = Recorder.reason(refusal).map(word -> " (" + word + ")").orElse("");
          err.println(Recorder.word(refusal) + reason);
          yield ExitCode.REFUSED;
        }
      };
    }
  }

  private int fromServer(URI server, PrintWriter out, PrintWriter err)
      throws VendOptions.Unclear, IOException, InterruptedException {
    if (options.describesCaller()) {
      throw new VendOptions.Unclear(
          "--as works with your own API key only; for a server use --bearer, or --user and"
              + " --password");
    }
    String query = query();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(query.isEmpty() ? server : URI.create(server + "?" + query))
            .timeout(Duration.ofSeconds(20))
            .header("accept", "application/json");
    Optional<String> authorization = authorization(System.getenv());
    if (authorization.isPresent()) {
      if (server.getScheme().equals("http") && !HostName.isLoopback(server.getHost())) {
        throw new VendOptions.Unclear(
            "--url: credentials are sent by https only, or to this machine");
      }
      request.header("authorization", authorization.get());
    }
    HttpResponse<String> answer;
    try (HttpClient client =
        HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build()) {
      answer =
          client.send(
              request.build(),
              HttpResponse.BodyHandlers.limiting(
                  HttpResponse.BodyHandlers.ofString(UTF_8), LARGEST_ANSWER));
    } catch (IOException e) {
      err.println("no response from " + server);
      return ExitCode.REFUSED;
    }
    Optional<String> token =
        answer.statusCode() == 200
            ? Json.object(answer.body()).flatMap(json -> json.text("authToken"))
            : Optional.empty();
    if (token.isEmpty()) {
      err.println(answer.statusCode() + " " + detail(answer.body()));
      return ExitCode.REFUSED;
    }
    out.println(token.get());
    return ExitCode.DONE;
  }

  /** Returns a server's rejection without characters that control a terminal. */
  private static String detail(String body) {
    return Json.object(body)
        .map(Json.Members::scalars)
        .map(
            members ->
                members.getOrDefault("detail", "")
                    + " (request "
                    + members.getOrDefault("instance", "unknown")
                    + ")")
        .orElse("without a response of a token vending machine")
        .replaceAll("\\p{C}", "\uFFFD");
  }

  private static URI server(String url) throws VendOptions.Unclear {
    try {
      URI server =
          new URI(
              url.contains("://") && url.indexOf('/', url.indexOf("://") + 3) < 0
                  ? url + "/"
                  : url);
      boolean good =
          ("http".equals(server.getScheme()) || "https".equals(server.getScheme()))
              && server.getHost() != null
              && server.getRawUserInfo() == null
              && server.getRawQuery() == null
              && server.getRawFragment() == null;
      if (good) {
        return server;
      }
    } catch (URISyntaxException e) {
      // Reported below.
    }
    throw new VendOptions.Unclear("--url: expected an address such as https://tokens.example.com/");
  }

  private String query() throws VendOptions.Unclear {
    StringJoiner query = new StringJoiner("&");
    for (String parameter : options.parameters()) {
      int equals = parameter.indexOf('=');
      if (equals < 1) {
        throw new VendOptions.Unclear("--param: expected NAME=VALUE, not " + parameter);
      }
      query.add(field(parameter.substring(0, equals), parameter.substring(equals + 1)));
    }
    options.permissions().forEach(permission -> query.add(field("permission", permission)));
    options.ttl().ifPresent(ttl -> query.add(field("ttl", ttl)));
    return query.toString();
  }

  private static String field(String name, String value) {
    return URLEncoder.encode(name, UTF_8) + "=" + URLEncoder.encode(value, UTF_8);
  }

  private Optional<String> authorization(Map<String, String> environment)
      throws VendOptions.Unclear {
    if (bearer.isPresent()) {
      if (user.isPresent() || password.isPresent()) {
        throw new VendOptions.Unclear("--bearer and --user: use one of them");
      }
      Secret token = SecretOption.read("--bearer", bearer.get(), environment);
      // RFC 6750 §2.1; other characters are not allowed in a header.
      if (!token.reveal().matches("[A-Za-z0-9._~+/-]+=*")) {
        throw new VendOptions.Unclear("--bearer: the token is empty");
      }
      return Optional.of("Bearer " + token.reveal());
    }
    if (user.isEmpty()) {
      if (password.isPresent()) {
        throw new VendOptions.Unclear("--password: --user is missing");
      }
      return Optional.empty();
    }
    if (user.get().contains(":")) {
      throw new VendOptions.Unclear("--user: a name with a colon cannot be sent (RFC 7617)");
    }
    if (password.isEmpty()) {
      throw new VendOptions.Unclear("--user: --password is missing");
    }
    String pair =
        user.get() + ":" + SecretOption.read("--password", password.get(), environment).reveal();
    return Optional.of("Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8)));
  }
}
