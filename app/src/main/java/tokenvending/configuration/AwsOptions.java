package tokenvending.configuration;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The options of a deployment on AWS, section {@code aws}. The server does not read them.
 *
 * @param front what clients reach
 * @param domain a domain name for the API, whose default endpoint is then disabled
 * @param throttle of the stage, in place of the one that follows from the file
 * @param ratePerAddress requests a minute that AWS WAF lets through from one address; empty: no WAF
 * @param reservedConcurrency of each function; empty: what the account has
 * @param memory of each function, in MB
 * @param logRetention of the functions' logs, in days
 * @param alarmTopic the ARN of the SNS topic that receives alarms
 * @param accessTokens whether Cognito's access tokens are accepted beside its ID tokens
 * @param gatewayLogRole whether the stack sets the account's CloudWatch role of API Gateway
 * @param permissionsBoundary the name or ARN of an IAM policy that bounds every role
 * @param qualifier of the CDK's bootstrap stack
 * @param tags on every resource
 * @param kmsKeys the ARNs of keys that secrets of the file are encrypted with
 * @param keepVersions whether earlier versions of the functions stay, to roll back to
 * @param keepWarm whether a rule invokes the functions every day
 * @param metrics whether CloudWatch extracts metrics from the functions' logs
 * @param canary whether a new version first gets a tenth of the requests
 */
public record AwsOptions(
    Front front,
    Optional<Domain> domain,
    Optional<Throttle> throttle,
    Optional<Integer> ratePerAddress,
    Optional<Integer> reservedConcurrency,
    int memory,
    int logRetention,
    Optional<String> alarmTopic,
    boolean accessTokens,
    boolean gatewayLogRole,
    Optional<String> permissionsBoundary,
    Optional<String> qualifier,
    Map<String, String> tags,
    List<String> kmsKeys,
    boolean keepVersions,
    boolean keepWarm,
    boolean metrics,
    boolean canary) {
  /** What holds where the file has no such section. */
  public static final AwsOptions DEFAULT =
      new AwsOptions(
          Front.REST,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          1_024,
          365,
          Optional.empty(),
          false,
          true,
          Optional.empty(),
          Optional.empty(),
          Map.of(),
          List.of(),
          false,
          false,
          true,
          false);

  public AwsOptions {
    tags = Map.copyOf(tags);
    kmsKeys = List.copyOf(kmsKeys);
  }

  /** What passes requests to the vend function. */
  public enum Front {
    /** An API Gateway REST API. */
    REST,
    /** An API Gateway HTTP API. */
    HTTP,
    /** The URL of the function itself. */
    URL;

    /** The word in the file. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A domain name, and the ARN of its certificate in AWS Certificate Manager. */
  public record Domain(String name, String certificate) {}

  /** Requests a second, and requests at once. */
  public record Throttle(int rate, int burst) {}
}
