package tokenvending.configuration;

import java.util.Map;
import java.util.Optional;

/**
 * What a deployment on AWS knows and the file cannot: the resources that its stack made. Read from
 * the environment of the function.
 *
 * @param apiKeySecret the secret that holds the Momento API key, in place of momento.api-key
 * @param endpoint in place of momento.endpoint
 * @param userPool for a {@code cognito} entry that leaves it out
 */
public record Deployment(
    Optional<String> apiKeySecret,
    Optional<String> endpoint,
    Optional<AuthenticationSettings.UserPool> userPool) {
  /** The variables that the stack sets; one that is empty counts as not set. */
  public static Deployment of(Map<String, String> environment) {
    Optional<String> pool = variable(environment, "TVM_USER_POOL_ID");
    Optional<String> client = variable(environment, "TVM_USER_POOL_CLIENT_ID");
    return new Deployment(
        variable(environment, "TVM_MOMENTO_API_KEY_SECRET"),
        variable(environment, "TVM_MOMENTO_ENDPOINT"),
        pool.flatMap(
            id -> client.map(app -> new AuthenticationSettings.UserPool(region(id), id, app))));
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
        // Each instance counts for itself: the table that the stack makes is not used yet.
        new StateSettings.Memory(),
        file.maxInstances(),
        file.cors(),
        file.audit(),
        file.server());
  }

  private AuthenticationSettings filled(AuthenticationSettings wayIn) {
    return wayIn instanceof AuthenticationSettings.Cognito cognito && cognito.pool().isEmpty()
        ? new AuthenticationSettings.Cognito(userPool, cognito.issuer(), cognito.jwksUri())
        : wayIn;
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
