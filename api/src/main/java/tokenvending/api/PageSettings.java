package tokenvending.api;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import tokenvending.request.Parameter;

/**
 * The settings of a {@code tvm.yaml} that the demo pages receive. Nothing here grants anything, and
 * nothing is secret: whoever vends finds it out.
 *
 * @param local whether the Momento behind the machine is a stand-in in this process
 * @param signInMethods in the order of the file
 * @param parameters what a request may say
 * @param cache the one to begin with
 * @param topic the ones to begin with; absent where no rule gives any
 * @param verifiedNames whether every name that a message carries is one that the machine vouches
 *     for, not one that the caller chose
 * @param connect the sources, in the words of the Content Security Policy, that the pages call
 *     besides their own origin
 */
public record PageSettings(
    boolean local,
    List<SignInMethod> signInMethods,
    List<Parameter> parameters,
    String cache,
    Optional<Topics> topic,
    boolean verifiedNames,
    List<String> connect) {
  public PageSettings {
    signInMethods = List.copyOf(signInMethods);
    parameters = List.copyOf(parameters);
    connect = List.copyOf(connect);
  }

  /** How to sign in. */
  public sealed interface SignInMethod {
    record Open() implements SignInMethod {}

    record Password() implements SignInMethod {}

    record Oidc(URI issuer) implements SignInMethod {}

    /**
     * A Cognito user pool.
     *
     * @param endpoint where a user signs in
     */
    record Cognito(String clientId, URI endpoint) implements SignInMethod {}
  }

  /** Which topics a rule gives. */
  public sealed interface Topics {
    /** One. */
    record Named(String name) implements Topics {}

    /** All that begin so. */
    record Beginning(String prefix) implements Topics {}

    /** One, whose name ends in what the caller says. */
    record Chosen(String prefix, String parameter) implements Topics {}
  }

  /** A query that the file accepts: what it requires, and a name where it knows one. */
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
