package tokenvending.application;

import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tokenvending.api.PageSettings;
import tokenvending.api.PageSettings.SignInMethod;
import tokenvending.api.PageSettings.Topics;
import tokenvending.configuration.AuthenticationSettings;
import tokenvending.configuration.Configuration;
import tokenvending.configuration.LocalUse;
import tokenvending.configuration.MomentoEndpoint;
import tokenvending.configuration.SecretReference;
import tokenvending.permission.TopicRole;
import tokenvending.policy.PermissionDocument;
import tokenvending.policy.RuleDocument;
import tokenvending.policy.SelectorDocument;

/** Derives the settings of the demo pages from a configuration. */
final class DemoSettings {
  /** Every port of this machine; two names, because a tab keeps connections to them apart. */
  private static final List<String> THIS_MACHINE =
      List.of("http://127.0.0.1:*", "http://localhost:*", "http://*.localhost:*");

  /** All cells of Momento, because only the token names its cell. */
  private static final String MOMENTO = "https://*.momentohq.com";

  private static final Pattern CHOSEN = Pattern.compile("([^$]*)\\$\\{request\\.([^}]+)}");

  /** A host name that cannot contain the end of a policy source. */
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9.-]+");

  private DemoSettings() {}

  static PageSettings of(
      Configuration configuration,
      boolean local,
      Optional<URI> webEndpoint,
      Map<String, String> environment) {
    Optional<Begin> begin = begin(configuration);
    return new PageSettings(
        local,
        signInMethods(configuration),
        configuration.policy().parameters().all(),
        begin.map(Begin::cache).orElseGet(() -> firstCache(configuration)),
        begin.map(Begin::topics),
        verifiedNames(configuration),
        exampleCaller(configuration),
        connect(configuration, local, webEndpoint, environment));
  }

  /** A topic that a page can use without knowing the caller. */
  private record Begin(String cache, Topics topics) {}

  /** Returns the first topics that are not all, because more callers have access to those. */
  private static Optional<Begin> begin(Configuration configuration) {
    List<Begin> all = new ArrayList<>();
    for (RuleDocument rule : configuration.policyDocument().rules()) {
      for (PermissionDocument permission : rule.permissions()) {
        if (permission.role() instanceof TopicRole) {
          Optional<String> cache = cache(permission.cache(), configuration);
          Optional<Topics> topics = topics(permission.target());
          if (cache.isPresent() && topics.isPresent()) {
            all.add(new Begin(cache.get(), topics.get()));
          }
        }
      }
    }
    return all.stream()
        .filter(begin -> !begin.topics().equals(new Topics.Beginning("")))
        .findFirst()
        .or(() -> all.stream().findFirst());
  }

  private static Optional<String> cache(SelectorDocument selector, Configuration configuration) {
    return switch (selector) {
      case SelectorDocument.All() -> Optional.of(firstCache(configuration));
      case SelectorDocument.Exact(String name) ->
          Optional.of(name).filter(text -> !text.contains("${"));
      case SelectorDocument.Prefix prefix -> Optional.empty();
    };
  }

  private static Optional<Topics> topics(SelectorDocument selector) {
    return switch (selector) {
      case SelectorDocument.All() -> Optional.of(new Topics.Beginning(""));
      case SelectorDocument.Prefix(String text) ->
          text.contains("${") ? Optional.empty() : Optional.of(new Topics.Beginning(text));
      case SelectorDocument.Exact(String text) -> {
        if (!text.contains("${")) {
          yield Optional.of(new Topics.Named(text));
        }
        Matcher matcher = CHOSEN.matcher(text);
        yield matcher.matches()
            ? Optional.of(new Topics.Chosen(matcher.group(1), matcher.group(2)))
            : Optional.empty();
      }
    };
  }

  private static Map<String, String> exampleCaller(Configuration configuration) {
    Map<String, String> claims = new LinkedHashMap<>();
    configuration.policyDocument().rules().stream()
        .map(RuleDocument::when)
        .filter(when -> !when.asksNothing())
        .findFirst()
        .ifPresent(
            when -> {
              claims.put("sub", "ann");
              if (!when.groups().isEmpty()) {
                claims.put("groups", when.groups().getFirst());
              }
              when.claims().forEach((name, values) -> claims.put(name, values.getFirst()));
            });
    return claims;
  }

  private static String firstCache(Configuration configuration) {
    return LocalUse.caches(configuration).iterator().next();
  }

  private static boolean verifiedNames(Configuration configuration) {
    boolean open =
        configuration.authentication().stream()
            .anyMatch(AuthenticationSettings.Open.class::isInstance);
    return configuration.policyDocument().rules().stream()
        .map(RuleDocument::tokenId)
        .allMatch(id -> id.map(text -> !text.contains("${request.")).orElse(!open));
  }

  private static List<SignInMethod> signInMethods(Configuration configuration) {
    List<SignInMethod> signInMethods = new ArrayList<>();
    for (AuthenticationSettings method : configuration.authentication()) {
      switch (method) {
        case AuthenticationSettings.Open() -> signInMethods.add(new SignInMethod.Open());
        case AuthenticationSettings.Password password ->
            signInMethods.add(new SignInMethod.Password());
        case AuthenticationSettings.Oidc oidc ->
            signInMethods.add(new SignInMethod.Oidc(oidc.issuer(), oidc.webClientId()));
        case AuthenticationSettings.Cognito cognito ->
            cognito
                .pool()
                .ifPresent(
                    pool ->
                        signInMethods.add(
                            new SignInMethod.Cognito(pool.clientId(), endpoint(cognito))));
      }
    }
    return signInMethods;
  }

  /** Returns the origin of the issuer; by default that of the region. */
  private static URI endpoint(AuthenticationSettings.Cognito cognito) {
    return cognito.effectiveIssuer().orElseThrow().resolve("/");
  }

  private static List<String> connect(
      Configuration configuration,
      boolean local,
      Optional<URI> webEndpoint,
      Map<String, String> environment) {
    Set<String> sources = new LinkedHashSet<>();
    if (local || webEndpoint.isPresent()) {
      sources.addAll(THIS_MACHINE);
    }
    if (!local) {
      sources.add(MOMENTO);
      configuration.momento().endpoint().stream()
          .map(endpoint -> host(endpoint, environment).strip())
          .filter(host -> HOST.matcher(host).matches() && !host.endsWith(".momentohq.com"))
          .forEach(host -> sources.add("https://*." + host));
    }
    for (AuthenticationSettings method : configuration.authentication()) {
      if (method instanceof AuthenticationSettings.Cognito cognito && cognito.pool().isPresent()) {
        String origin = endpoint(cognito).toString();
        sources.add(origin.substring(0, origin.length() - 1));
      }
      if (method instanceof AuthenticationSettings.Oidc oidc && oidc.webClientId().isPresent()) {
        sources.add(origin(oidc.issuer()));
      }
    }
    return List.copyOf(sources);
  }

  private static String origin(URI address) {
    String port = address.getPort() == -1 ? "" : ":" + address.getPort();
    return address.getScheme() + "://" + address.getHost() + port;
  }

  private static String host(MomentoEndpoint endpoint, Map<String, String> environment) {
    return switch (endpoint) {
      case MomentoEndpoint.Literal(String host) -> host;
      case MomentoEndpoint.Environment(SecretReference.Environment(String name)) ->
          environment.getOrDefault(name, "");
    };
  }
}
