package tokenvending.policy;

/** An authentication method as the policy sees it: the source of a caller's subject. */
public sealed interface AuthenticationMethod {
  /** Anonymous callers, without a subject. */
  record Open() implements AuthenticationMethod {}

  /** An issuer of JWTs. */
  record Issuer(String issuer) implements AuthenticationMethod {}

  /** Users of the users file. */
  record Passwords() implements AuthenticationMethod {
    /**
     * The issuer of callers that authenticated with a password. An issuer of JWTs cannot have this
     * name, because it is not a URL.
     */
    public static final String ISSUER = "password";
  }
}
