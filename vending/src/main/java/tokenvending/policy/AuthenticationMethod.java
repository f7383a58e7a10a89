package tokenvending.policy;

/** An authentication method, as far as it matters to the policy: who vouches for a subject. */
public sealed interface AuthenticationMethod {
  /** Anonymous callers, without a subject. */
  record Open() implements AuthenticationMethod {}

  /** An issuer of JWTs. */
  record Issuer(String issuer) implements AuthenticationMethod {}

  /** Our own users. */
  record Passwords() implements AuthenticationMethod {
    /**
     * The issuer of principals that came in by a password. No issuer of JWTs has this name: theirs
     * are URLs.
     */
    public static final String ISSUER = "password";
  }
}
