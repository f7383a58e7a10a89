package tokenvending.configuration;

import java.util.Map;
import java.util.Optional;

/**
 * The resources of a deployment on AWS that the file cannot name. Read from the environment of the
 * function.
 *
 * @param apiKeySecret the secret that holds the Momento API key, in place of momento.api-key
 * @param endpoint in place of momento.endpoint
 * @param userPool for a {@code cognito} entry that leaves it out
 * @param state in place of state
 */
public record Deployment(
    Optional<String> apiKeySecret,
    Optional<String> endpoint,
    Optional<AuthenticationSettings.UserPool> userPool,
    Optional<StateSettings> state) {
  private static final String TABLE = "dynamodb:";

  /** The variables that the stack sets; one that is empty counts as not set. */
  public static Deployment of(Map<String, String> environment) {
    Optional<String> pool = variable(environment, "TVM_USER_POOL_ID");
    Optional<String> client = variable(environment, "TVM_USER_POOL_CLIENT_ID");
    return new Deployment(
        variable(environment, "TVM_MOMENTO_API_KEY_SECRET"),
        variable(environment, "TVM_MOMENTO_ENDPOINT"),
        pool.flatMap(
            id -> client.map(app -> new AuthenticationSettings.UserPool(region(id), id, app))),
        variable(environment, "TVM_STATE").map(Deployment::table));
  }

  private static StateSettings table(String text) {
    if (!text.startsWith(TABLE) || text.equals(TABLE)) {
      throw new IllegalStateException("TVM_STATE: expected dynamodb:TABLE");
    }
    return new StateSettings.DynamoDb(Optional.of(text.substring(TABLE.length())));
  }

  /** For a function that counts nothing, and has no rights to a table. */
  public Deployment withoutState() {
    return new Deployment(
        apiKeySecret, endpoint, userPool, Optional.of(new StateSettings.Memory()));
  }

  /** The configuration under this deployment. */
  public Configuration applyTo(Configuration file) {
    return new Configuration(
        file.token(),
        file.authentication().stream().map(this::filled).toList(),
        file.policyDocument(),
        file.policy(),
        file.limits(),
        momento(file.momento()),
        state.orElse(file.state()),
        // It stands still between two events, and so does not notice that others went on alone.
        Optional.empty(),
        file.cors(),
        file.audit(),
        file.server());
  }

  private AuthenticationSettings filled(AuthenticationSettings method) {
    return method instanceof AuthenticationSettings.Cognito cognito && cognito.pool().isEmpty()
        ? new AuthenticationSettings.Cognito(
            userPool,
            cognito.issuer(),
            cognito.jwksUri(),
            cognito.required(),
            cognito.trustedClaims())
        : method;
  }

  private MomentoSettings momento(MomentoSettings file) {
    return new MomentoSettings(
        apiKeySecret.<SecretReference>map(SecretReference.AwsSecret::new).or(file::apiKey),
        endpoint.<MomentoEndpoint>map(MomentoEndpoint.Literal::new).or(file::endpoint),
        file.tokenService(),
        file.budget(),
        file.maxWait());
  }

  private static Optional<String> variable(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
  }

  /** A pool's id begins with its region: {@code us-west-2_AbCdEf}. */
  private static String region(String poolId) {
    int end = poolId.indexOf('_');
    return end < 0 ? poolId : poolId.substring(0, end);
  }
}
