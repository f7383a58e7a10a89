package tokenvending.infrastructure;

import static java.util.Objects.requireNonNull;

import io.github.cdklabs.cdknag.NagPackSuppression;
import io.github.cdklabs.cdknag.NagSuppressions;
import java.util.List;
import java.util.Optional;
import software.amazon.awscdk.Annotations;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.cloudwatch.Alarm;
import software.amazon.awscdk.services.codedeploy.LambdaDeploymentConfig;
import software.amazon.awscdk.services.codedeploy.LambdaDeploymentGroup;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.lambda.Alias;
import software.amazon.awscdk.services.lambda.Architecture;
import software.amazon.awscdk.services.lambda.Code;
import software.amazon.awscdk.services.lambda.Function;
import software.amazon.awscdk.services.lambda.LoggingFormat;
import software.amazon.awscdk.services.lambda.Runtime;
import software.amazon.awscdk.services.lambda.SnapStartConf;
import software.amazon.awscdk.services.lambda.VersionOptions;
import software.amazon.awscdk.services.logs.CfnLogGroup;
import software.amazon.awscdk.services.logs.LogGroup;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.amazon.awscdk.services.secretsmanager.ISecret;
import software.constructs.Construct;
import tokenvending.configuration.AwsOptions;

/**
 * A published version of a function, behind an alias. Its role can write to its own log group, and
 * has the granted permissions.
 */
final class PublishedFunction extends Construct {
  /** The alias. It is scoped to the function, so several stacks can use it. */
  static final String ALIAS = "live";

  /** Above the limit of 10 s for a request, and below the gateway's 29 s. */
  private static final Duration TIMEOUT = Duration.seconds(15);

  private final Role role;
  private final LogGroup logGroup;
  private final Function function;
  private final Alias alias;

  /**
   * Creates the function.
   *
   * @param aws memory, concurrency, log retention and KMS keys
   * @param secrets the secrets that it reads
   * @param parameter the value of a parameter that the function uses. It is part of the version's
   *     description, so that another value publishes a new version
   */
  PublishedFunction(
      Construct scope,
      String id,
      String description,
      String handler,
      Code code,
      AwsOptions aws,
      List<ISecret> secrets,
      Optional<String> parameter) {
    super(scope, id);
    logGroup =
        LogGroup.Builder.create(this, "Log")
            .retention(RetentionDays.ONE_YEAR)
            // The log group has the audit log, which outlives the stack.
            .removalPolicy(RemovalPolicy.RETAIN)
            .build();
    // The library's constants do not cover a number from the file.
    ((CfnLogGroup) requireNonNull(logGroup.getNode().getDefaultChild()))
        .setRetentionInDays(aws.logRetention());
    role =
        Role.Builder.create(this, "Role")
            .assumedBy(new ServicePrincipal("lambda.amazonaws.com"))
            .description(description)
            .build();
    logGroup.grantWrite(role);
    secrets.forEach(one -> one.grantRead(role));
    if (!secrets.isEmpty() && !aws.kmsKeys().isEmpty()) {
      role.addToPolicy(
          PolicyStatement.Builder.create()
              .actions(List.of("kms:Decrypt"))
              .resources(aws.kmsKeys())
              .build());
    }
    VersionOptions.Builder version = VersionOptions.builder();
    if (aws.keepVersions()) {
      version.removalPolicy(RemovalPolicy.RETAIN);
    }
    parameter.ifPresent(value -> version.description("for parameters: " + value));
    function =
        Function.Builder.create(this, "Function")
            .description(description)
            .handler(handler)
            .code(code)
            .memorySize(aws.memory())
            .timeout(TIMEOUT)
            .role(role)
            .logGroup(logGroup)
            // The functions log JSON; with this setting, AWS's runtime does too.
            .loggingFormat(LoggingFormat.JSON)
            .currentVersionOptions(version.build())
            .runtime(Runtime.JAVA_25)
            .architecture(Architecture.ARM_64)
            .snapStart(SnapStartConf.ON_PUBLISHED_VERSIONS)
            .reservedConcurrentExecutions(aws.reservedConcurrency().orElse(null))
            .build();
    Annotations.of(function)
        .acknowledgeWarning(
            "@aws-cdk/aws-lambda:snapStartRequirePublish", "The alias stands for one.");
    alias =
        Alias.Builder.create(this, "Alias")
            .aliasName(ALIAS)
            .version(function.getCurrentVersion())
            .build();
  }

  /**
   * Gives a new version a tenth of the requests for five minutes, then all of them. An alarm
   * returns them to the previous version.
   */
  void releaseGradually(List<Alarm> alarms) {
    LambdaDeploymentGroup group =
        LambdaDeploymentGroup.Builder.create(this, "Release")
            .alias(alias)
            .deploymentConfig(LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES)
            .alarms(alarms)
            .build();
    NagSuppressions.addResourceSuppressions(
        group,
        List.of(
            NagPackSuppression.builder()
                .id("AwsSolutions-IAM4")
                .reason(
                    "AWS documents this managed policy as the one for CodeDeploy on Lambda; the"
                        + " role can be assumed by CodeDeploy alone.")
                .appliesTo(
                    List.of(
                        "Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited"))
                .build()),
        true);
  }

  /** The alias to invoke. */
  Alias alias() {
    return alias;
  }

  /** The function's name in its metrics. */
  String name() {
    return function.getFunctionName();
  }

  Role role() {
    return role;
  }

  /** Sets an environment variable of the version to publish. */
  void setVariable(String variable, String value) {
    function.addEnvironment(variable, value);
  }
}
