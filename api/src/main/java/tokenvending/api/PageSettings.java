package tokenvending.api;

import java.net.URI;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tokenvending.request.Parameter;

/**
 * The settings of {@code tvm.yaml} that the demo pages receive. They are not secret and grant
 * nothing.
 *
 * @param local whether the server uses momento-local
 * @param signInMethods in the order of the file
 * @param parameters the declared request parameters
 * @param cache the cache to start with
 * @param topic the topic to start with; absent if no rule grants any
 * @param verifiedNames whether the name on every message comes from a verified credential, and not
 *     from the caller's choice
 * @param exampleCaller the claims of a caller that the first rule with a condition matches, by
 *     name; empty if no rule has one
 * @param connect the Content Security Policy sources that the pages call besides their own origin
 */
public record PageSettings(
    boolean local,
    List<SignInMethod> signInMethods,
    List<Parameter> parameters,
    String cache,
    Optional<Topics> topic,
    boolean verifiedNames,
    Map<String, String> exampleCaller,
    List<String> connect) {
  public PageSettings {
    signInMethods = List.copyOf(signInMethods);
    parameters = List.copyOf(parameters);
    exampleCaller = Collections.unmodifiableMap(new LinkedHashMap<>(exampleCaller));
    connect = List.copyOf(connect);
  }

  /** A sign-in method. */
  public sealed interface SignInMethod {
    record Open() implements SignInMethod {}

    record Password() implements SignInMethod {}

    /**
     * An issuer of JWTs.
     *
     * @param clientId the public client with which a page signs a user in; without one, the user
     *     pastes a JWT
     */
    record Oidc(URI issuer, Optional<String> clientId) implements SignInMethod {}

    /**
     * A Cognito user pool.
     *
     * @param endpoint the endpoint of the sign-in API
     */
    record Cognito(String clientId, URI endpoint) implements SignInMethod {}
  }

  /** The topics that a rule grants. */
  public sealed interface Topics {
    /** One topic. */
    record Named(String name) implements Topics {}

    /** All topics with a prefix. */
    record Beginning(String prefix) implements Topics {}

    /** One topic, whose name ends in a parameter that the caller chooses. */
    record Chosen(String prefix, String parameter) implements Topics {}
  }

  /**
   * Returns a query that the file accepts: its required parameters, and a name if the file declares
   * one.
   */
  public static String exampleQuery(List<Parameter> parameters) {
    StringBuilder query = new StringBuilder();
    for (Parameter parameter : parameters) {
      if (parameter.required() || parameter.name().equals("name")) {
        query.append(query.isEmpty() ? '?' : '&');
        String value = parameter.name().equals("name") ? "Taylor" : "1";
        query.append(parameter.name()).append('=').append(value);
      }
    }
    return query.toString();
  }
}
