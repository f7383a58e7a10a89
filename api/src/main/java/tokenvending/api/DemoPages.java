package tokenvending.api;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;
import tokenvending.api.PageFolder.PageFile;
import tokenvending.api.PageSettings.Topics;
import tokenvending.api.PageSettings.WayIn;
import tokenvending.request.Parameter;

/**
 * Chat and playground, as files, with the settings that they begin with; in local use the first
 * page and what the playground asks as well. No answer carries CORS headers.
 */
public final class DemoPages {
  private static final String METHODS = "GET, HEAD";

  private final PageFolder folder;
  private final PageSettings settings;
  private final Optional<PlaygroundEndpoint> playground;
  private final ServerPage serverPage = new ServerPage();
  private final ApiJson json = new ApiJson();
  private final ProblemResponses answers;
  private final String contentSecurityPolicy;

  /**
   * Pages over one configuration.
   *
   * @param playground only in local use
   * @param random spreads waiting times
   */
  public DemoPages(
      PageFolder folder,
      PageSettings settings,
      Optional<PlaygroundEndpoint> playground,
      RandomGenerator random) {
    this.folder = folder;
    this.settings = settings;
    this.playground = playground;
    this.answers = new ProblemResponses(json, random);
    this.contentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src"
            + " 'self'; connect-src 'self'"
            + settings.connect().stream().map(source -> " " + source).reduce("", String::concat)
            + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  }

  /** The answer, where the request is for one of these. */
  Optional<ApiResponse> answer(ApiRequest request, String requestId) {
    return route(request, requestId).map(answer -> answer.with(common(requestId)));
  }

  private Optional<ApiResponse> route(ApiRequest request, String requestId) {
    String path = request.path();
    return switch (path) {
      case "/" ->
          settings.local() && wantsPage(request)
              ? Optional.of(serverPage.start(curl(request)))
              : Optional.empty();
      case "/chat", "/playground" -> Optional.of(looking(request, requestId, () -> moved(path)));
      case "/chat/settings.json", "/playground/settings.json" ->
          Optional.of(looking(request, requestId, this::settings));
      case "/playground/api/explain" ->
          playground.map(endpoint -> unstored(endpoint.explain(request, requestId)));
      case "/playground/api/events" ->
          playground.map(endpoint -> unstored(endpoint.events(request, requestId)));
      default -> {
        boolean ours = path.startsWith("/chat/") || path.startsWith("/playground/");
        yield ours ? file(request, requestId) : Optional.empty();
      }
    };
  }

  /** A person's browser: whoever wants a token asks for JSON, or for anything. */
  private static boolean wantsPage(ApiRequest request) {
    return isLook(request)
        && request.query().decoded().filter(List::isEmpty).isPresent()
        && request.header("accept").stream()
            .anyMatch(accept -> accept.toLowerCase(Locale.ROOT).contains("text/html"));
  }

  private static boolean isLook(ApiRequest request) {
    return request.method().equals("GET") || request.method().equals("HEAD");
  }

  private interface Look {
    ApiResponse answer();
  }

  private ApiResponse looking(ApiRequest request, String requestId, Look look) {
    return isLook(request)
        ? look.answer()
        : unstored(
            answers.problem(
                Problem.METHOD_NOT_ALLOWED, requestId, List.of(new Field("allow", METHODS))));
  }

  private static ApiResponse moved(String path) {
    return unstored(new ApiResponse(308, List.of(new Field("location", path + "/")), Body.empty()));
  }

  private Optional<ApiResponse> file(ApiRequest request, String requestId) {
    String name = request.path().substring(1);
    boolean index = name.equals("chat/") || name.equals("playground/");
    Optional<PageFile> file = folder.file(index ? name + "index.html" : name);
    if (file.isPresent()) {
      return Optional.of(looking(request, requestId, () -> sent(file.get(), request)));
    }
    return index
        ? Optional.of(looking(request, requestId, () -> serverPage.missing(folder.whyMissing())))
        : Optional.empty();
  }

  private ApiResponse sent(PageFile file, ApiRequest request) {
    List<Field> headers = new ArrayList<>();
    headers.add(new Field("etag", file.tag()));
    headers.add(
        new Field(
            "cache-control", file.lasting() ? "public, max-age=31536000, immutable" : "no-cache"));
    headers.add(new Field("content-security-policy", contentSecurityPolicy));
    if (isKnown(file, request.header("if-none-match"))) {
      return new ApiResponse(304, headers, Body.empty());
    }
    headers.add(new Field("content-type", file.type()));
    return new ApiResponse(200, headers, file.body());
  }

  /** RFC 9110 §13.1.2: a list of tags, compared weakly, or {@code *}. */
  private static boolean isKnown(PageFile file, List<String> tags) {
    for (String list : tags) {
      for (String tag : list.split(",", -1)) {
        String bare = tag.strip();
        if (bare.equals("*") || bare.replaceFirst("^W/", "").equals(file.tag())) {
          return true;
        }
      }
    }
    return false;
  }

  private static ApiResponse unstored(ApiResponse answer) {
    return answer.with(List.of(new Field("cache-control", "no-store")));
  }

  private static List<Field> common(String requestId) {
    return List.of(
        new Field("referrer-policy", "no-referrer"),
        new Field("x-content-type-options", "nosniff"),
        new Field("x-request-id", requestId));
  }

  /** How the first way in is used without a browser. */
  private String curl(ApiRequest request) {
    List<String> host = request.header("host");
    String address = "http://" + (host.size() == 1 ? host.getFirst() : "127.0.0.1");
    String url = "'" + address + "/" + PageSettings.exampleQuery(settings.parameters()) + "'";
    WayIn first = settings.waysIn().isEmpty() ? new WayIn.Open() : settings.waysIn().getFirst();
    return switch (first) {
      case WayIn.Open() -> "curl " + url;
      case WayIn.Password() -> "curl --user NAME:PASSWORD " + url;
      case WayIn.Oidc oidc -> "curl --header 'Authorization: Bearer JWT' " + url;
      case WayIn.Cognito cognito -> "curl --header 'Authorization: Bearer JWT' " + url;
    };
  }

  private ApiResponse settings() {
    Body body =
        json.object(
            out -> {
              out.writeStringField("url", "/");
              out.writeBooleanField("local", settings.local());
              out.writeArrayFieldStart("waysIn");
              for (WayIn wayIn : settings.waysIn()) {
                write(out, wayIn);
              }
              out.writeEndArray();
              out.writeArrayFieldStart("parameters");
              for (Parameter parameter : settings.parameters()) {
                out.writeStartObject();
                out.writeStringField("name", parameter.name());
                out.writeBooleanField("required", parameter.required());
                out.writeNumberField("maxLength", parameter.maxLength());
                out.writeEndObject();
              }
              out.writeEndArray();
              out.writeStringField("cache", settings.cache());
              if (settings.topic().isPresent()) {
                write(out, settings.topic().get());
              } else {
                out.writeNullField("topic");
              }
              out.writeBooleanField("verifiedNames", settings.verifiedNames());
            });
    return unstored(
        new ApiResponse(200, List.of(new Field("content-type", "application/json")), body));
  }

  private static void write(JsonGenerator out, WayIn wayIn) throws IOException {
    out.writeStartObject();
    switch (wayIn) {
      case WayIn.Open() -> out.writeStringField("kind", "open");
      case WayIn.Password() -> out.writeStringField("kind", "password");
      case WayIn.Oidc(var issuer) -> {
        out.writeStringField("kind", "oidc");
        out.writeStringField("issuer", issuer.toString());
      }
      case WayIn.Cognito(String clientId, var endpoint) -> {
        out.writeStringField("kind", "cognito");
        out.writeStringField("clientId", clientId);
        out.writeStringField("endpoint", endpoint.toString());
      }
    }
    out.writeEndObject();
  }

  private static void write(JsonGenerator out, Topics topics) throws IOException {
    out.writeObjectFieldStart("topic");
    switch (topics) {
      case Topics.Named(String name) -> out.writeStringField("name", name);
      case Topics.Beginning(String prefix) -> out.writeStringField("prefix", prefix);
      case Topics.Chosen(String prefix, String parameter) -> {
        out.writeStringField("prefix", prefix);
        out.writeStringField("parameter", parameter);
      }
    }
    out.writeEndObject();
  }
}
