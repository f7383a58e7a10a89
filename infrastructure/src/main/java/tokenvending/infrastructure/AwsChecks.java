package tokenvending.infrastructure;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tokenvending.configuration.AuditSettings;
import tokenvending.configuration.AuthenticationSettings;
import tokenvending.configuration.AwsOptions;
import tokenvending.configuration.BlockSettings;
import tokenvending.configuration.Configuration;
import tokenvending.configuration.ConfigurationProblem;
import tokenvending.configuration.ConfigurationResult.Read;
import tokenvending.configuration.CorsSettings;
import tokenvending.configuration.SecretReference;
import tokenvending.configuration.Source;
import tokenvending.configuration.StateSettings;

/**
 * Finds settings that are valid but cannot work in a Lambda function; each problem says what to do.
 * Settings of the standalone server ({@code server}) have no effect on AWS and are ignored.
 */
final class AwsChecks {
  private final Configuration configuration;
  private final Source source;
  private final List<ConfigurationProblem> problems = new ArrayList<>();

  private AwsChecks(Read read) {
    this.configuration = read.configuration();
    this.source = read.source();
  }

  /** Errors and warnings. */
  static List<ConfigurationProblem> problems(Read read) {
    AwsChecks checks = new AwsChecks(read);
    List<AuthenticationSettings> methods = read.configuration().authentication();
    for (int i = 0; i < methods.size(); i++) {
      checks.method(methods.get(i), "authentication[" + i + "].");
    }
    checks.momento();
    checks.state();
    checks.cors();
    checks.audit();
    checks.blocks();
    checks.front();
    return checks.problems;
  }

  private void method(AuthenticationSettings settings, String path) {
    switch (settings) {
      case AuthenticationSettings.Oidc oidc -> {
        elsewhere(Optional.of(oidc.issuer()), path + "oidc.issuer");
        elsewhere(oidc.jwksUri(), path + "oidc.jwks-uri");
      }
      case AuthenticationSettings.Cognito cognito -> {
        elsewhere(cognito.issuer(), path + "cognito.issuer");
        elsewhere(cognito.jwksUri(), path + "cognito.jwks-uri");
        boolean overridden = cognito.issuer().isPresent() || cognito.jwksUri().isPresent();
        if (cognito.pool().isEmpty() && overridden) {
          error(
              path + "cognito",
              "the stack's own pool has its own issuer and keys: expected `cognito: {}`, or"
                  + " region, user-pool-id and client-id as well");
        }
      }
      case AuthenticationSettings.Password(SecretReference users) -> {
        if (users instanceof SecretReference.File) {
          error(
              path + "password.users",
              "password hashes are not allowed in a function's zip: put the file into a secret (aws"
                  + " secretsmanager create-secret --name tvm-users --secret-string"
                  + " file://users.yaml) and write users: aws-secret:tvm-users");
        }
      }
      case AuthenticationSettings.Open open -> {}
    }
  }

  private void momento() {
    elsewhere(configuration.momento().tokenService(), "momento.token-service");
  }

  private void state() {
    switch (configuration.state()) {
      case StateSettings.Memory memory -> {
        if (source.says("state")) {
          warning(
              "state",
              "memory: every instance of the function counts separately, so limits apply to one"
                  + " instance, and the rate budget can be exceeded: remove it, and the stack makes"
                  + " a DynamoDB table that all instances share");
        }
      }
      case StateSettings.Redis redis -> noRedis();
      case StateSettings.RedisAt redis -> noRedis();
      case StateSettings.DynamoDb table -> {}
    }
  }

  private void noRedis() {
    error(
        "state",
        "the functions have no Redis client and are not in your network: remove it (the stack makes"
            + " a DynamoDB table), or write dynamodb:TABLE");
  }

  private void cors() {
    if (configuration.cors() instanceof CorsSettings.Only(List<String> origins)
        && origins.isEmpty()) {
      warning(
          "cors",
          "no origins, so no web page can read a response: for browsers write cors: {"
              + " allow-origins: [\"https://chat.example.com\"] }");
    }
  }

  private void audit() {
    if (configuration.audit().to() instanceof AuditSettings.File) {
      error(
          "audit.to",
          "a function has no persistent disk: remove it or write stdout, and audit events go to the"
              + " function's log group");
    }
  }

  /** Reports options that need an API Gateway REST API, or any API. */
  private void front() {
    AwsOptions aws = configuration.aws();
    switch (aws.front()) {
      case REST -> {}
      case HTTP -> needs("rest", aws.ratePerAddress(), "rate-per-address");
      case URL -> {
        needs("rest", aws.ratePerAddress(), "rate-per-address");
        needs("rest or http", aws.domain(), "domain");
        needs("rest or http", aws.throttle(), "throttle");
        if (aws.reservedConcurrency().isEmpty()) {
          warning(
              "aws.front",
              "a function URL has no throttle, so requests can use up the account's concurrency:"
                  + " write reserved-concurrency");
        }
      }
    }
  }

  private void needs(String fronts, Optional<?> option, String key) {
    if (option.isPresent()) {
      error(
          "aws." + key,
          "not possible with front: %s: remove it, or write front: %s"
              .formatted(configuration.aws().front().word(), fronts));
    }
  }

  private void blocks() {
    if (configuration.blocks().isEmpty()) {
      return;
    }
    switch (configuration.blocks().get()) {
      case BlockSettings.File file ->
          error("blocks", "a function has no persistent disk: write blocks: state");
      case BlockSettings.Shared shared -> {
        if (configuration.state() instanceof StateSettings.Memory && source.says("state")) {
          error("blocks", "with state: memory there is no store for the list: remove state");
        }
      }
    }
  }

  /** Reports an {@code http} address, which the reader accepts only for loopback. */
  private void elsewhere(Optional<URI> address, String path) {
    if (address.filter(one -> "http".equals(one.getScheme())).isPresent()) {
      error(path, "a loopback address reaches only the function itself: expected an https address");
    }
  }

  private void error(String path, String message) {
    problems.add(source.error(path, message));
  }

  private void warning(String path, String message) {
    problems.add(source.warning(path, message));
  }
}
