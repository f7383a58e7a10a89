package tokenvending.infrastructure;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.cdklabs.cdknag.NagPackSuppression;
import io.github.cdklabs.cdknag.NagSuppressions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.CustomResource;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.cognito.CfnUserPoolUser;
import software.amazon.awscdk.services.cognito.CfnUserPoolUserToGroupAttachment;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.lambda.Code;
import software.amazon.awscdk.services.lambda.Function;
import software.amazon.awscdk.services.lambda.Runtime;
import software.amazon.awscdk.services.logs.LogGroup;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.amazon.awscdk.services.secretsmanager.Secret;
import software.amazon.awscdk.services.secretsmanager.SecretStringGenerator;
import software.constructs.Construct;

/**
 * Two users for trying the pool, {@code reader} and {@code writer}. Secrets Manager generates and
 * stores their passwords. CloudFormation can create a user but not set a permanent password, so a
 * small function copies each password from its secret to the pool.
 */
final class DemoUsers extends Construct {
  private final List<Secret> secrets = new ArrayList<>();

  DemoUsers(Construct scope, String id, UserDirectory directory) {
    super(scope, id);
    Map<String, String> users = new LinkedHashMap<>();
    users.put("reader", UserDirectory.READERS);
    users.put("writer", UserDirectory.WRITERS);
    String pool = directory.pool().getUserPoolId();
    LogGroup log =
        LogGroup.Builder.create(this, "Log")
            .retention(RetentionDays.ONE_MONTH)
            .removalPolicy(RemovalPolicy.RETAIN)
            .build();
    Role role =
        Role.Builder.create(this, "Role")
            .assumedBy(new ServicePrincipal("lambda.amazonaws.com"))
            .description("Sets the passwords of the demo users")
            .build();
    log.grantWrite(role);
    role.addToPolicy(
        PolicyStatement.Builder.create()
            .actions(List.of("cognito-idp:AdminSetUserPassword"))
            .resources(List.of(directory.pool().getUserPoolArn()))
            .build());
    Function function =
        Function.Builder.create(this, "Function")
            .description("Sets the passwords of the demo users")
            .runtime(Runtime.NODEJS_24_X)
            .handler("index.handler")
            .code(Code.fromInline(source()))
            .timeout(Duration.seconds(60))
            .role(role)
            .logGroup(log)
            .build();
    users.forEach(
        (name, group) -> {
          CfnUserPoolUser user =
              CfnUserPoolUser.Builder.create(this, name)
                  .userPoolId(pool)
                  .username(name)
                  .messageAction("SUPPRESS")
                  .build();
          CfnUserPoolUserToGroupAttachment attachment =
              CfnUserPoolUserToGroupAttachment.Builder.create(this, name + "InGroup")
                  .userPoolId(pool)
                  .username(name)
                  .groupName(group)
                  .build();
          attachment.getNode().addDependency(user);
          // The attachment refers to a group only by its name.
          attachment.getNode().addDependency(directory.getNode().findChild(group));
          Secret secret = password(name);
          secret.grantRead(role);
          CustomResource setting =
              CustomResource.Builder.create(this, name + "Password")
                  .serviceToken(function.getFunctionArn())
                  .resourceType("Custom::DemoUserPassword")
                  .properties(
                      Map.of("UserPoolId", pool, "Username", name, "Secret", secret.getSecretArn()))
                  .build();
          setting.getNode().addDependency(user);
          setting.getNode().addDependency(role);
          secrets.add(secret);
        });
  }

  private Secret password(String user) {
    Secret secret =
        Secret.Builder.create(this, user + "Secret")
            .description("The password of the demo user " + user)
            .generateSecretString(
                SecretStringGenerator.builder()
                    .passwordLength(24)
                    .requireEachIncludedType(true)
                    // Characters with a meaning in shells, JSON or the AWS CLI.
                    .excludeCharacters("\"'\\$`!&|;<>(){}[]*?,= ")
                    .secretStringTemplate("{\"username\":\"" + user + "\"}")
                    .generateStringKey("password")
                    .build())
            .removalPolicy(RemovalPolicy.DESTROY)
            .build();
    NagSuppressions.addResourceSuppressions(
        secret,
        List.of(
            NagPackSuppression.builder()
                .id("AwsSolutions-SMG4")
                .reason(
                    "The password of a demo user. The next deployment without -c demo-users deletes"
                        + " the user.")
                .build()));
    return secret;
  }

  /** The secrets with the passwords, the reader's first. */
  List<Secret> secrets() {
    return List.copyOf(secrets);
  }

  private static String source() {
    try (InputStream in = DemoUsers.class.getResourceAsStream("demo-user-password.js")) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks demo-user-password.js");
      }
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
