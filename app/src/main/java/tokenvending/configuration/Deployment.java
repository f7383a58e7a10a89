package tokenvending.configuration;

import java.util.Map;
import java.util.Optional;

/**
 * The resources of a deployment on AWS that the file cannot name. They come from the function's
 * environment.
 *
 * @param apiKeySecret the secret with the Momento API key, replaces momento.api-key
 * @param endpoint replaces momento.endpoint
 * @param userPool for a {@code cognito} entry without a pool
 * @param state replaces state
 */
public record Deployment(
    Optional<String> apiKeySecret,
    Optional<String> endpoint,
    Optional<AuthenticationSettings.UserPool> userPool,
    Optional<StateSettings> state) {
  private static final String TABLE = "dynamodb:";

  /** Reads the variables that the stack sets; an empty variable counts as unset. */
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

  /** Returns a copy for a function that uses no limits and has no access to the table. */
  public Deployment withoutState() {
    return new Deployment(
        apiKeySecret, endpoint, userPool, Optional.of(new StateSettings.Memory()));
  }

  /** Applies this deployment to a configuration. */
  public Configuration applyTo(Configuration file) {
    StateSettings shared = state.orElse(file.state());
    return new Configuration(
        file.token(),
        file.authentication().stream().map(this::filled).toList(),
        file.policyDocument(),
        file.policy(),
        file.deny(),
        shared instanceof StateSettings.Memory ? Optional.empty() : file.blocks(),
        file.limits(),
        momento(file.momento()),
        shared,
        // A function is suspended between events, so it does not notice that others used their own
        // shares.
        Optional.empty(),
        file.cors(),
        file.audit(),
        file.server(),
        file.aws());
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

  /** Returns the region, with which a pool's id begins: {@code us-west-2_AbCdEf}. */
  private static String region(String poolId) {
    int end = poolId.indexOf('_');
    return end < 0 ? poolId : poolId.substring(0, end);
  }
}
