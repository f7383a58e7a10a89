package tokenvending.infrastructure;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awscdk.Annotations;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
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
import software.amazon.awscdk.services.logs.LogGroup;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.amazon.awscdk.services.secretsmanager.ISecret;
import software.constructs.Construct;

/**
 * A published version of a function, behind an alias. Its role may write to its own log group, and
 * what is granted.
 */
final class PublishedFunction extends Construct {
  /** The alias; not a name of the account's, so two stacks may both have one. */
  private static final String ALIAS = "live";

  /** One core's worth is 1,769 MB; a vend waits for Momento most of its time. */
  private static final int MEMORY_MB = 1024;

  /** Above the 10 s that a request may take, and below the gateway's 29 s. */
  private static final Duration TIMEOUT = Duration.seconds(15);

  /** What a JVM that lives in short bursts on one core wants, and what our libraries ask for. */
  private static final String JVM_FLAGS =
      "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED"
          + " --sun-misc-unsafe-memory-access=allow -Dio.netty.jfr.enabled=false";

  private final Role role;
  private final LogGroup logGroup;
  private final Function function;
  private final Alias alias;

  /**
   * Makes the function.
   *
   * @param secrets what it reads
   * @param parameter the value of a parameter that the function sees. A version is published anew
   *     when the template changes, which another value of a parameter does not do: it stands in the
   *     version's description, whose change is one of the template
   */
  PublishedFunction(
      Construct scope,
      String id,
      String description,
      String handler,
      Code code,
      RetentionDays retention,
      List<ISecret> secrets,
      Optional<String> parameter) {
    super(scope, id);
    logGroup =
        LogGroup.Builder.create(this, "Log")
            .retention(retention)
            // It holds the record of what was vended, which outlives the stack.
            .removalPolicy(RemovalPolicy.RETAIN)
            .build();
    role =
        Role.Builder.create(this, "Role")
            .assumedBy(new ServicePrincipal("lambda.amazonaws.com"))
            .description(description)
            .build();
    logGroup.grantWrite(role);
    secrets.forEach(one -> one.grantRead(role));
    VersionOptions.Builder version = VersionOptions.builder();
    parameter.ifPresent(value -> version.description("for parameters: " + value));
    function =
        Function.Builder.create(this, "Function")
            .description(description)
            .handler(handler)
            .code(code)
            .memorySize(MEMORY_MB)
            .timeout(TIMEOUT)
            .role(role)
            .logGroup(logGroup)
            // Ours is in JSON anyway; this has AWS's runtime write its errors so, too.
            .loggingFormat(LoggingFormat.JSON)
            .currentVersionOptions(version.build())
            .runtime(Runtime.JAVA_25)
            .architecture(Architecture.ARM_64)
            .snapStart(SnapStartConf.ON_PUBLISHED_VERSIONS)
            .environment(Map.of("JAVA_TOOL_OPTIONS", JVM_FLAGS))
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

  /** What callers invoke. */
  Alias alias() {
    return alias;
  }

  /** The name by which the function counts what it does. */
  String name() {
    return function.getFunctionName();
  }

  Role role() {
    return role;
  }

  /** Sets a variable of the version that is going to be published. */
  void tell(String variable, String value) {
    function.addEnvironment(variable, value);
  }
}
