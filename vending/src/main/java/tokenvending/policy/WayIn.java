package tokenvending.policy;

/** A way in, as far as it matters to the policy: whose word a caller's subject is. */
public sealed interface WayIn {
  /** Anybody, without a subject. */
  record Open() implements WayIn {}

  /** An issuer of JWTs. */
  record Issuer(String issuer) implements WayIn {}

  /** Our own users. */
  record Passwords() implements WayIn {
    /**
     * The issuer of principals that came in by a password. No issuer of JWTs has this name: theirs
     * are URLs.
     */
    public static final String ISSUER = "password";
  }
}
