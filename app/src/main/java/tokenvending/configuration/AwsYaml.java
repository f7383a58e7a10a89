package tokenvending.configuration;

import static tokenvending.configuration.Key.optional;
import static tokenvending.configuration.Key.required;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** The keys of section {@code aws}. */
final class AwsYaml {
  /** The retention times that CloudWatch has, in days. */
  private static final Set<Integer> RETENTION =
      Set.of(
          1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557,
          2922, 3288, 3653);

  private static final Pattern DOMAIN =
      Pattern.compile("(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}");

  private AwsYaml() {}

  static Shape<AwsOptions> shape() {
    Key<AwsOptions.Front> front =
        optional(
            "front",
            Shape.choice(List.of(AwsOptions.Front.values()), AwsOptions.Front::word),
            "What clients reach: an API Gateway REST API (`rest`) or HTTP API (`http`), or the"
                + " function's own URL (`url`). The last two cost less, and have no authorizer and"
                + " no WAF. Default: rest.");
    Key<AwsOptions.Domain> domain =
        optional("domain", domain(), "A domain name for the API; disables its default endpoint.");
    Key<AwsOptions.Throttle> throttle =
        optional(
            "throttle",
            throttle(),
            "Requests of all clients together. Default: follows from budget and limits.");
    Key<Integer> ratePerAddress =
        optional(
            "rate-per-address",
            Shape.number(10, 999_999_999),
            "Requests a minute that AWS WAF lets through from one address; billed by AWS. Default:"
                + " no WAF.");
    Key<Integer> concurrency =
        optional(
            "reserved-concurrency",
            Shape.number(1, 10_000),
            "Instances of each function at most, taken from the account's quota. Default: none.");
    Key<Integer> memory =
        optional(
            "memory",
            Shape.number(512, 10_240),
            "Memory of each function in MB; its share of a processor follows from it. Default:"
                + " 1024.");
    Key<Integer> retention =
        optional(
            "log-retention",
            Shape.number(1, 3_653),
            "Days for which the functions' logs are kept, the audit log included. Default: 365.");
    Key<String> topic =
        optional(
            "alarm-topic",
            arn("an SNS topic", "sns", "[0-9]{12}:[\\w-]+"),
            "The SNS topic that receives alarms. Default: alarms are only shown.");
    Key<Boolean> accessTokens =
        optional(
            "access-tokens",
            Shape.truth(),
            "Whether Cognito's access tokens are accepted beside its ID tokens. Default: false.");
    Key<Boolean> logRole =
        optional(
            "gateway-log-role",
            Shape.truth(),
            "Whether to set the CloudWatch role that API Gateway has in this account and region."
                + " Default: true.");
    Key<String> boundary =
        optional(
            "permissions-boundary",
            Texts.matching(
                "the name or ARN of an IAM policy",
                Pattern.compile("(arn:[a-z-]+:iam::([0-9]{12}|aws):policy/)?[\\w+=,.@/-]{1,128}")),
            "The permissions boundary of every role. Default: none.");
    Key<String> qualifier =
        optional(
            "qualifier",
            Texts.matching("up to 10 letters and digits", Pattern.compile("[A-Za-z0-9]{1,10}")),
            "The qualifier of the CDK's bootstrap stack. Default: the CDK's.");
    Key<Map<String, String>> tags =
        optional(
            "tags",
            Shape.named(
                "NAME",
                1,
                (text, problem) -> tag(text, 128, "the name of a tag", problem),
                Shape.name(
                    "the value of a tag",
                    (text, problem) -> tag(text, 256, "the value of a tag", problem))),
            "Tags on every resource.");
    Key<List<String>> kmsKeys =
        optional(
            "kms-keys",
            Shape.list(arn("a KMS key", "kms", "[0-9]{12}:key/[\\w-]+"), 1),
            "Keys of your own that the secrets of this file are encrypted with. Default: none.");
    Key<Boolean> keepVersions =
        optional(
            "keep-versions",
            Shape.truth(),
            "Whether earlier versions of the functions stay, for `./tvm rollback`. Default:"
                + " false.");
    Key<Boolean> keepWarm =
        optional(
            "keep-warm",
            Shape.truth(),
            "Whether a rule invokes the functions every day: AWS deactivates versions that are not"
                + " invoked for 14 days. Default: false.");
    Key<Boolean> metrics =
        optional(
            "metrics",
            Shape.truth(),
            "Whether CloudWatch extracts metrics from the functions' logs, which it bills. Without"
                + " them there are no alarms for the budget, the API key and the table. Default:"
                + " true.");
    Key<Boolean> canary =
        optional(
            "canary",
            Shape.truth(),
            "Whether a new version gets a tenth of the requests for five minutes, and is rolled"
                + " back if an alarm is raised meanwhile. Default: false.");
    AwsOptions usual = AwsOptions.DEFAULT;
    return Shape.section(
        List.of(
            front,
            domain,
            throttle,
            ratePerAddress,
            concurrency,
            memory,
            retention,
            topic,
            accessTokens,
            logRole,
            boundary,
            qualifier,
            tags,
            kmsKeys,
            keepVersions,
            keepWarm,
            metrics,
            canary),
        fields -> {
          if (fields.of(retention).filter(days -> !RETENTION.contains(days)).isPresent()) {
            fields.error(
                retention,
                "expected a number of days that CloudWatch has: "
                    + String.join(", ", RETENTION.stream().sorted().map(String::valueOf).toList()));
          }
          return new AwsOptions(
              fields.of(front).orElse(usual.front()),
              fields.of(domain),
              fields.of(throttle),
              fields.of(ratePerAddress),
              fields.of(concurrency),
              fields.of(memory).orElse(usual.memory()),
              fields.of(retention).orElse(usual.logRetention()),
              fields.of(topic),
              fields.of(accessTokens).orElse(usual.accessTokens()),
              fields.of(logRole).orElse(usual.gatewayLogRole()),
              fields.of(boundary),
              fields.of(qualifier),
              fields.of(tags).orElse(usual.tags()),
              fields.of(kmsKeys).orElse(usual.kmsKeys()),
              fields.of(keepVersions).orElse(usual.keepVersions()),
              fields.of(keepWarm).orElse(usual.keepWarm()),
              fields.of(metrics).orElse(usual.metrics()),
              fields.of(canary).orElse(usual.canary()));
        });
  }

  private static Shape<AwsOptions.Domain> domain() {
    Key<String> name =
        required(
            "name",
            Texts.matching("a domain name such as tokens.example.com", DOMAIN),
            "The domain name. Point it at the target that the stack puts out.");
    Key<String> certificate =
        required(
            "certificate",
            arn("a certificate of AWS Certificate Manager", "acm", "[0-9]{12}:certificate/[\\w-]+"),
            "Its certificate, in the stack's region.");
    return Shape.section(
        List.of(name, certificate),
        fields ->
            new AwsOptions.Domain(
                fields.of(name).orElseThrow(), fields.of(certificate).orElseThrow()));
  }

  private static Shape<AwsOptions.Throttle> throttle() {
    Key<Integer> rate = required("rate", Shape.number(1, 100_000), "Requests a second.");
    Key<Integer> burst = required("burst", Shape.number(1, 100_000), "Requests at once.");
    return Shape.section(
        List.of(rate, burst),
        fields ->
            new AwsOptions.Throttle(fields.of(rate).orElseThrow(), fields.of(burst).orElseThrow()));
  }

  private static Shape<String> arn(String what, String service, String end) {
    return Texts.matching(
        "the ARN of " + what, Pattern.compile("arn:[a-z-]+:" + service + ":[a-z0-9-]+:" + end));
  }

  private static Optional<String> tag(
      String text, int longest, String expected, Consumer<String> problem) {
    if (text.isEmpty()
        || text.length() > longest
        || text.startsWith("aws:")
        || !Pattern.matches("[\\p{L}\\p{N}\\p{Zs}_.:/=+@-]+", text)) {
      problem.accept(
          "expected " + expected + ": up to %d letters, digits and _.:/=+@-".formatted(longest));
      return Optional.empty();
    }
    return Optional.of(text);
  }
}
