package tokenvending.infrastructure;

import io.github.cdklabs.cdknag.NagPackSuppression;
import io.github.cdklabs.cdknag.NagSuppressions;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.cognito.AccountRecovery;
import software.amazon.awscdk.services.cognito.AuthFlow;
import software.amazon.awscdk.services.cognito.CfnUserPoolGroup;
import software.amazon.awscdk.services.cognito.ClientAttributes;
import software.amazon.awscdk.services.cognito.Mfa;
import software.amazon.awscdk.services.cognito.MfaSecondFactor;
import software.amazon.awscdk.services.cognito.PasswordPolicy;
import software.amazon.awscdk.services.cognito.SignInAliases;
import software.amazon.awscdk.services.cognito.StandardAttributesMask;
import software.amazon.awscdk.services.cognito.UserPool;
import software.amazon.awscdk.services.cognito.UserPoolClient;
import software.amazon.awscdk.services.cognito.UserPoolClientOptions;
import software.constructs.Construct;
import tokenvending.configuration.Configuration;
import tokenvending.policy.RuleDocument;

/** The stack's own Cognito user pool: its groups, and the client through which browsers sign in. */
final class UserDirectory extends Construct {
  /** The group that can read. */
  static final String READERS = "ReadOnlyUserGroup";

  /** The group that can read and write. */
  static final String WRITERS = "ReadWriteUserGroup";

  private final UserPool pool;
  private final UserPoolClient client;

  UserDirectory(Construct scope, String id, Configuration configuration) {
    super(scope, id);
    pool =
        UserPool.Builder.create(this, "Pool")
            .selfSignUpEnabled(false)
            .signInAliases(SignInAliases.builder().username(true).email(true).build())
            .accountRecovery(AccountRecovery.EMAIL_ONLY)
            .mfa(Mfa.OPTIONAL)
            .mfaSecondFactor(MfaSecondFactor.builder().sms(false).otp(true).build())
            .passwordPolicy(
                PasswordPolicy.builder()
                    .minLength(12)
                    .requireDigits(true)
                    .requireLowercase(true)
                    .requireUppercase(true)
                    .requireSymbols(true)
                    .tempPasswordValidity(Duration.days(3))
                    .build())
            // User accounts outlive the stack.
            .removalPolicy(RemovalPolicy.RETAIN)
            .build();
    client =
        pool.addClient(
            "Client",
            UserPoolClientOptions.builder()
                .authFlows(AuthFlow.builder().userPassword(true).userSrp(true).build())
                // A browser cannot keep a secret.
                .generateSecret(false)
                .disableOAuth(true)
                .preventUserExistenceErrors(true)
                .enableTokenRevocation(true)
                // Without a list, users can write all of their attributes, email and custom ones
                // included, and thus their own claims. An empty list counts as none, so this lists
                // one without a meaning: the time of an update.
                .writeAttributes(
                    new ClientAttributes()
                        .withStandardAttributes(
                            StandardAttributesMask.builder().lastUpdateTime(true).build()))
                .idTokenValidity(Duration.hours(1))
                .accessTokenValidity(Duration.hours(1))
                .refreshTokenValidity(Duration.days(1))
                .build());
    for (String group : groups(configuration)) {
      CfnUserPoolGroup.Builder.create(this, group)
          .userPoolId(pool.getUserPoolId())
          .groupName(group)
          .build();
    }
    NagSuppressions.addResourceSuppressions(
        pool,
        List.of(
            NagPackSuppression.builder()
                .id("AwsSolutions-COG2")
                .reason(
                    "A second factor (authenticator apps) is optional for every user. Requiring it"
                        + " would prevent sign-in of devices and scripts with USER_PASSWORD or SRP,"
                        + " for which the client exists. A sign-in gives a Momento token that works"
                        + " for minutes.")
                .build(),
            NagPackSuppression.builder()
                .id("AwsSolutions-COG3")
                .reason(
                    "Threat protection requires the Plus plan, which is billed for each user; to"
                        + " use it, set it on the pool (docs/deploying-on-aws.md, What is not"
                        + " covered). Passwords need 12 characters of four kinds, users cannot sign"
                        + " up themselves, and Cognito throttles password guesses in every plan.")
                .build()));
  }

  /** Returns the two default groups, and those that the rules name. */
  private static Set<String> groups(Configuration configuration) {
    Set<String> groups = new TreeSet<>(Set.of(READERS, WRITERS));
    for (RuleDocument rule : configuration.policyDocument().rules()) {
      groups.addAll(rule.when().groups());
    }
    return groups;
  }

  UserPool pool() {
    return pool;
  }

  UserPoolClient client() {
    return client;
  }
}
