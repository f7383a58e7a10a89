package tokenvending.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import tokenvending.api.PageFolder.Compressed;
import tokenvending.api.PageFolder.PageFile;
import tokenvending.api.PageSettings.SignInMethod;
import tokenvending.api.PageSettings.Topics;
import tokenvending.request.Parameter;
import tokenvending.text.JsonObject;

/**
 * Serves the chat and the playground with their settings, and in local use also the start page and
 * the playground's endpoints. Its responses have no CORS headers.
 */
public final class DemoPages {
  private static final String METHODS = "GET, HEAD";

  private final PageFolder folder;
  private final PageSettings settings;
  private final String policyFile;
  private final Optional<PlaygroundEndpoint> playground;
  private final ServerPage serverPage = new ServerPage();
  private final ProblemResponses answers;
  private final String contentSecurityPolicy;

  /**
   * Pages for one configuration.
   *
   * @param policyFile where the policy is, for the start page
   * @param playground absent except in local use
   * @param random spreads {@code Retry-After} times
   */
  public DemoPages(
      PageFolder folder,
      PageSettings settings,
      String policyFile,
      Optional<PlaygroundEndpoint> playground,
      RandomGenerator random) {
    this.folder = folder;
    this.settings = settings;
    this.policyFile = policyFile;
    this.playground = playground;
    this.answers = new ProblemResponses(random);
    this.contentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src"
            + " 'self'; connect-src 'self'"
            + settings.connect().stream().map(source -> " " + source).reduce("", String::concat)
            + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  }

  /** Returns the response, if the request is for one of these pages. */
  Optional<ApiResponse> answer(ApiRequest request, String requestId) {
    return route(request, requestId).map(answer -> answer.with(common(requestId)));
  }

  private Optional<ApiResponse> route(ApiRequest request, String requestId) {
    String path = request.path();
    return switch (path) {
      case "/" ->
          settings.local() && wantsPage(request) ? Optional.of(start(request)) : Optional.empty();
      case "/chat", "/playground" -> Optional.of(reading(request, requestId, () -> moved(path)));
      case "/chat/settings.json", "/playground/settings.json" ->
          Optional.of(reading(request, requestId, this::settings));
      case "/playground/api/explain" ->
          playground.map(endpoint -> noStore(endpoint.explain(request, requestId)));
      case "/playground/api/events" ->
          playground.map(endpoint -> noStore(endpoint.events(request, requestId)));
      default -> {
        boolean ours = path.startsWith("/chat/") || path.startsWith("/playground/");
        yield ours ? file(request, requestId) : Optional.empty();
      }
    };
  }

  /** Whether the request is from a browser window. API clients accept JSON, or anything. */
  private static boolean wantsPage(ApiRequest request) {
    return isRead(request)
        && request.query().decoded().filter(List::isEmpty).isPresent()
        && request.header("accept").stream()
            .anyMatch(accept -> accept.toLowerCase(Locale.ROOT).contains("text/html"));
  }

  private static boolean isRead(ApiRequest request) {
    return request.method().equals("GET") || request.method().equals("HEAD");
  }

  private ApiResponse reading(ApiRequest request, String requestId, Supplier<ApiResponse> answer) {
    return isRead(request)
        ? answer.get()
        : noStore(
            answers.problem(
                Problem.METHOD_NOT_ALLOWED, requestId, List.of(new Field("allow", METHODS))));
  }

  private static ApiResponse moved(String path) {
    return noStore(new ApiResponse(308, List.of(new Field("location", path + "/")), Body.empty()));
  }

  private Optional<ApiResponse> file(ApiRequest request, String requestId) {
    String name = request.path().substring(1);
    boolean index = name.equals("chat/") || name.equals("playground/");
    Optional<PageFile> file = folder.file(index ? name + "index.html" : name);
    if (file.isPresent()) {
      return Optional.of(reading(request, requestId, () -> sent(file.get(), request)));
    }
    return index
        ? Optional.of(reading(request, requestId, () -> serverPage.missing(folder.missingReason())))
        : Optional.empty();
  }

  private ApiResponse sent(PageFile file, ApiRequest request) {
    Optional<Compressed> compressed =
        file.compressed().stream().filter(one -> accepts(request, one.coding())).findFirst();
    String tag = compressed.map(Compressed::tag).orElse(file.tag());
    List<Field> headers = new ArrayList<>();
    headers.add(new Field("etag", tag));
    headers.add(
        new Field(
            "cache-control",
            file.immutable() ? "public, max-age=31536000, immutable" : "no-cache"));
    headers.add(new Field("content-security-policy", contentSecurityPolicy));
    if (!file.compressed().isEmpty()) {
      headers.add(new Field("vary", "accept-encoding"));
    }
    if (isKnown(tag, request.header("if-none-match"))) {
      return new ApiResponse(304, headers, Body.empty());
    }
    headers.add(new Field("content-type", file.type()));
    compressed.ifPresent(one -> headers.add(new Field("content-encoding", one.coding())));
    return new ApiResponse(200, headers, compressed.map(Compressed::body).orElse(file.body()));
  }

  /** Whether {@code Accept-Encoding} names the coding, and not with weight 0 (RFC 9110 §12.5.3). */
  private static boolean accepts(ApiRequest request, String coding) {
    for (String list : request.header("accept-encoding")) {
      for (String item : list.toLowerCase(Locale.ROOT).split(",", -1)) {
        String[] parts = item.strip().split("\\s*;\\s*", -1);
        boolean excluded = parts.length > 1 && parts[1].matches("q=0(\\.0*)?");
        if (parts[0].equals(coding) && !excluded) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Whether {@code If-None-Match} contains the tag, compared weakly, or {@code *} (RFC 9110
   * §13.1.2).
   */
  private static boolean isKnown(String tag, List<String> known) {
    for (String list : known) {
      for (String one : list.split(",", -1)) {
        String bare = one.strip();
        if (bare.equals("*") || bare.replaceFirst("^W/", "").equals(tag)) {
          return true;
        }
      }
    }
    return false;
  }

  private static ApiResponse noStore(ApiResponse answer) {
    return answer.with(List.of(new Field("cache-control", "no-store")));
  }

  private static List<Field> common(String requestId) {
    return List.of(
        new Field("referrer-policy", "no-referrer"),
        new Field("x-content-type-options", "nosniff"),
        new Field("x-request-id", requestId));
  }

  private ApiResponse start(ApiRequest request) {
    List<String> host = request.header("host");
    String address = "http://" + (host.size() == 1 ? host.getFirst() : "127.0.0.1");
    return serverPage.start(policyFile, curl(address), program(address));
  }

  /** Returns a program with the client library that uses the first authentication method. */
  private String program(String address) {
    SignInMethod first =
        settings.signInMethods().isEmpty()
            ? new SignInMethod.Open()
            : settings.signInMethods().getFirst();
    String name =
        settings.parameters().stream().anyMatch(parameter -> parameter.name().equals("name"))
            ? ", parameters: { name: 'Taylor' }"
            : "";
    Credentials credentials =
        switch (first) {
          case SignInMethod.Open() -> new Credentials("none", "none()");
          case SignInMethod.Password() ->
              new Credentials("password", "password('NAME', 'PASSWORD')");
          case SignInMethod.Oidc oidc -> new Credentials("jwt", "jwt(() => 'JWT')");
          case SignInMethod.Cognito cognito -> new Credentials("jwt", "jwt(() => 'JWT')");
        };
    return """
    import { %s, TokenSource } from 'tokenvending-client';
    const source = new TokenSource({ url: '%s/', credentials: %s%s });
    const { authToken, permissions } = await source.token();\
    """
        .formatted(credentials.function(), address, credentials.call(), name);
  }

  private record Credentials(String function, String call) {}

  /** Returns a curl command that uses the first authentication method. */
  private String curl(String address) {
    String url = "'" + address + "/" + PageSettings.exampleQuery(settings.parameters()) + "'";
    SignInMethod first =
        settings.signInMethods().isEmpty()
            ? new SignInMethod.Open()
            : settings.signInMethods().getFirst();
    return switch (first) {
      case SignInMethod.Open() -> "curl " + url;
      case SignInMethod.Password() -> "curl --user NAME:PASSWORD " + url;
      case SignInMethod.Oidc oidc -> "curl --header 'Authorization: Bearer JWT' " + url;
      case SignInMethod.Cognito cognito -> "curl --header 'Authorization: Bearer JWT' " + url;
    };
  }

  private ApiResponse settings() {
    JsonObject json =
        new JsonObject()
            .text("url", "/")
            .flag("local", settings.local())
            .objects(
                "authenticationMethods",
                settings.signInMethods().stream().map(DemoPages::json).toList())
            .objects("parameters", settings.parameters().stream().map(DemoPages::json).toList())
            .text("cache", settings.cache());
    if (settings.local() && !settings.exampleCaller().isEmpty()) {
      JsonObject claims = new JsonObject();
      settings.exampleCaller().forEach(claims::text);
      json.object("exampleCaller", claims);
    }
    settings
        .topic()
        .ifPresentOrElse(topics -> json.object("topic", json(topics)), () -> json.nothing("topic"));
    return noStore(ApiResponse.json(200, json.flag("verifiedNames", settings.verifiedNames())));
  }

  private static JsonObject json(Parameter parameter) {
    return new JsonObject()
        .text("name", parameter.name())
        .flag("required", parameter.required())
        .number("maxLength", parameter.maxLength());
  }

  private static JsonObject json(SignInMethod method) {
    return switch (method) {
      case SignInMethod.Open() -> new JsonObject().text("kind", "open");
      case SignInMethod.Password() -> new JsonObject().text("kind", "password");
      case SignInMethod.Oidc(var issuer, var clientId) -> {
        JsonObject json = new JsonObject().text("kind", "oidc").text("issuer", issuer.toString());
        clientId.ifPresent(id -> json.text("clientId", id));
        yield json;
      }
      case SignInMethod.Cognito(String clientId, var endpoint) ->
          new JsonObject()
              .text("kind", "cognito")
              .text("clientId", clientId)
              .text("endpoint", endpoint.toString());
    };
  }

  private static JsonObject json(Topics topics) {
    return switch (topics) {
      case Topics.Named(String name) -> new JsonObject().text("name", name);
      case Topics.Beginning(String prefix) -> new JsonObject().text("prefix", prefix);
      case Topics.Chosen(String prefix, String parameter) ->
          new JsonObject().text("prefix", prefix).text("parameter", parameter);
    };
  }
}
