package tokenvending.infrastructure;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import software.amazon.awscdk.Annotations;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.apigateway.RestApi;
import software.amazon.awscdk.services.cognito.UserPool;
import software.amazon.awscdk.services.cognito.UserPoolClient;
import software.amazon.awscdk.services.dynamodb.Attribute;
import software.amazon.awscdk.services.dynamodb.AttributeType;
import software.amazon.awscdk.services.dynamodb.BillingMode;
import software.amazon.awscdk.services.dynamodb.ITable;
import software.amazon.awscdk.services.dynamodb.PointInTimeRecoverySpecification;
import software.amazon.awscdk.services.dynamodb.Table;
import software.amazon.awscdk.services.events.Rule;
import software.amazon.awscdk.services.events.RuleTargetInput;
import software.amazon.awscdk.services.events.Schedule;
import software.amazon.awscdk.services.events.targets.LambdaFunction;
import software.amazon.awscdk.services.lambda.Code;
import software.amazon.awscdk.services.secretsmanager.ISecret;
import software.amazon.awscdk.services.secretsmanager.Secret;
import software.constructs.Construct;
import tokenvending.configuration.AuthenticationSettings.Password;
import tokenvending.configuration.AwsOptions;
import tokenvending.configuration.Configuration;
import tokenvending.configuration.ConfigurationProblem;
import tokenvending.configuration.SecretReference;
import tokenvending.configuration.StateSettings;
import tokenvending.limits.Rate;

/**
 * A token vending machine on AWS as configured in {@code tvm.yaml}: an API, an authorizer if one is
 * possible, the vend function, and their resources. No resource has a fixed name, so an account can
 * have several.
 */
public final class TokenVendingMachineConstruct extends Construct {
  private static final String VEND = "tokenvending.lambda.VendHandler::handleRequest";
  private static final String AUTHORIZE = "tokenvending.lambda.AuthorizerHandler::handleRequest";

  private final Front front;
  private final Optional<ITable> table;
  private final PublishedFunction vend;
  private final Optional<UserDirectory> directory;
  private final Optional<DemoUsers> demoUsers;

  public TokenVendingMachineConstruct(Construct scope, String id, TokenVendingMachineProps props) {
    super(scope, id);
    Configuration configuration = props.file().configuration();
    warn(props.file().warnings());

    Code code = Code.fromAsset(staged(props).toString());
    table = table(props.file());
    table.ifPresent(one -> describeBudget(configuration));
    directory =
        props.file().needsPool()
            ? Optional.of(new UserDirectory(this, "Users", configuration))
            : Optional.empty();
    AwsOptions aws = configuration.aws();
    boolean rest = aws.front() == AwsOptions.Front.REST;
    GatewayCheck check =
        rest
            ? GatewayCheck.of(configuration.authentication(), aws.accessTokens())
            : new GatewayCheck.None();
    Optional<Gateway> gateway =
        rest ? Optional.of(new Gateway(this, "Gateway", configuration, check)) : Optional.empty();

    List<ISecret> passwords = passwords(configuration);
    vend = vend(props, code, passwords);
    table.ifPresent(one -> share(one, vend));
    Optional<PublishedFunction> authorizer =
        check instanceof GatewayCheck.OurAuthorizer
            ? Optional.of(authorizer(aws, code, passwords))
            : Optional.empty();
    gateway.ifPresent(
        one -> one.serve(vend, check, authorizer, directory.map(UserDirectory::pool)));
    front =
        switch (aws.front()) {
          case REST -> gateway.orElseThrow();
          case HTTP -> new HttpGateway(this, "Gateway", configuration, vend);
          case URL -> new FunctionEndpoint(vend);
        };
    setDeploymentVariables(vend, aws.metrics());
    authorizer.ifPresent(one -> setDeploymentVariables(one, aws.metrics()));
    demoUsers =
        directory
            .filter(users -> props.demoUsers())
            .map(users -> new DemoUsers(this, "DemoUsers", users));
    Monitoring watch = new Monitoring(this, "Watch", front, vend, authorizer, table, aws);
    if (aws.canary()) {
      vend.releaseGradually(watch.ofReleases());
    }
    if (aws.keepWarm()) {
      keepWarm(vend, authorizer);
    }
  }

  private static Path staged(TokenVendingMachineProps props) {
    return FunctionFolder.stage(props.built(), props.file().content(), props.staging());
  }

  /**
   * The API, for adding a domain name, a firewall, or further paths.
   *
   * @throws IllegalStateException if the file has another {@code aws.front} than {@code rest}
   */
  public RestApi api() {
    if (front instanceof Gateway gateway) {
      return gateway.api();
    }
    throw new IllegalStateException("aws.front is not rest, so there is no REST API");
  }

  /** The URL for requests. */
  public String endpoint() {
    return front.endpoint();
  }

  /** What the domain name of the file must point at. */
  public Optional<String> domainTarget() {
    return front.domainTarget();
  }

  /** The vend function, by its name and alias. */
  public String vendFunction() {
    return vend.name() + ":" + PublishedFunction.ALIAS;
  }

  /** The table that all instances share, where there is one. */
  public Optional<String> stateTable() {
    return table.map(ITable::getTableName);
  }

  /** The user pool that was created because the file names none. */
  public Optional<UserPool> userPool() {
    return directory.map(UserDirectory::pool);
  }

  /** The client of that pool. */
  public Optional<UserPoolClient> userPoolClient() {
    return directory.map(UserDirectory::client);
  }

  /** The secrets with the demo users' passwords, the reader's first. */
  public List<Secret> demoUserSecrets() {
    return demoUsers.map(DemoUsers::secrets).orElse(List.of());
  }

  private void warn(List<ConfigurationProblem> warnings) {
    for (ConfigurationProblem warning : warnings) {
      // Brackets would end the id that acknowledges a warning.
      String id = "tvm:" + warning.path().replaceAll("\\[([0-9]+)]", ".$1");
      Annotations.of(this).addWarningV2(id, warning.toString());
    }
  }

  /** Reports the scope of the budget, because a stack cannot know of others with the same key. */
  private void describeBudget(Configuration configuration) {
    Rate budget = configuration.momento().budget();
    Annotations.of(this)
        .addInfoV2(
            "tvm:momento.budget",
            ("momento.budget: %d calls in %d s, counted in this stack's table and region; a stack"
                    + " in another region or with another table counts for itself, so give each a"
                    + " share of the account's limit")
                .formatted(budget.count(), budget.per().toSeconds()));
  }

  /** Creates the vend function. It verifies every credential itself, so it can read the users. */
  private PublishedFunction vend(
      TokenVendingMachineProps props, Code code, List<ISecret> passwords) {
    PublishedFunction vend =
        new PublishedFunction(
            this,
            "Vend",
            "Vends Momento tokens",
            VEND,
            code,
            props.file().configuration().aws(),
            Stream.concat(Stream.of(props.momentoApiKey()), passwords.stream()).toList(),
            props.momentoEndpoint());
    vend.setVariable("TVM_MOMENTO_API_KEY_SECRET", idOf(props.momentoApiKey()));
    props
        .momentoEndpoint()
        .ifPresent(endpoint -> vend.setVariable("TVM_MOMENTO_ENDPOINT", endpoint));
    return vend;
  }

  /** Creates the authorizer. It has no API key: only the vend function can mint. */
  private PublishedFunction authorizer(AwsOptions aws, Code code, List<ISecret> passwords) {
    return new PublishedFunction(
        this,
        "Authorizer",
        "Authenticates callers of the token vending machine",
        AUTHORIZE,
        code,
        aws,
        passwords,
        Optional.empty());
  }

  /** With the event of a health check, which vends nothing. */
  private void keepWarm(PublishedFunction vend, Optional<PublishedFunction> authorizer) {
    Rule rule =
        Rule.Builder.create(this, "KeepWarm")
            .description("Invokes the functions, which AWS deactivates after 14 idle days")
            .schedule(Schedule.rate(Duration.days(1)))
            .build();
    Stream.concat(Stream.of(vend), authorizer.stream())
        .forEach(
            function ->
                rule.addTarget(
                    LambdaFunction.Builder.create(function.alias())
                        .event(RuleTargetInput.fromObject(Map.of("health", true)))
                        .build()));
  }

  private List<ISecret> passwords(Configuration configuration) {
    return configuration.authentication().stream()
        .filter(Password.class::isInstance)
        .map(Password.class::cast)
        .limit(1)
        .map(password -> existing(password.users()))
        .toList();
  }

  private ISecret existing(SecretReference reference) {
    return switch (reference) {
      case SecretReference.AwsSecret(String name) -> existingSecret(this, "UsersSecret", name);
      case SecretReference.Environment variable -> throw unchecked(variable);
      case SecretReference.File file -> throw unchecked(file);
    };
  }

  private static IllegalStateException unchecked(SecretReference reference) {
    return new IllegalStateException("AwsChecks lets no such reference through: " + reference);
  }

  /** Returns an existing secret by its name or ARN, with or without the last six characters. */
  static ISecret existingSecret(Construct scope, String id, String nameOrArn) {
    if (!nameOrArn.startsWith("arn:")) {
      return Secret.fromSecretNameV2(scope, id, nameOrArn);
    }
    return nameOrArn.matches(".*-[A-Za-z0-9]{6}")
        ? Secret.fromSecretCompleteArn(scope, id, nameOrArn)
        : Secret.fromSecretPartialArn(scope, id, nameOrArn);
  }

  /** Returns its whole ARN if known, because a name without its suffix can match another secret. */
  private static String idOf(ISecret secret) {
    String arn = secret.getSecretFullArn();
    return arn == null ? secret.getSecretName() : arn;
  }

  private Optional<ITable> table(DeployableFile file) {
    return switch (file.configuration().state()) {
      case StateSettings.DynamoDb(Optional<String> table) when table.isPresent() ->
          Optional.of(Table.fromTableName(this, "State", table.get()));
      case StateSettings.DynamoDb own -> Optional.of(ownTable());
      case StateSettings.Memory memory ->
          file.saysState() ? Optional.empty() : Optional.of(ownTable());
      case StateSettings.Redis redis -> throw new IllegalStateException("AwsChecks refuses it");
      case StateSettings.RedisAt redis -> throw new IllegalStateException("AwsChecks refuses it");
    };
  }

  private Table ownTable() {
    return Table.Builder.create(this, "State")
        .partitionKey(Attribute.builder().name("pk").type(AttributeType.STRING).build())
        .sortKey(Attribute.builder().name("sk").type(AttributeType.STRING).build())
        .timeToLiveAttribute("expires")
        .billingMode(BillingMode.PAY_PER_REQUEST)
        .pointInTimeRecoverySpecification(
            PointInTimeRecoverySpecification.builder().pointInTimeRecoveryEnabled(true).build())
        // The table has only counters of the last minutes.
        .removalPolicy(RemovalPolicy.DESTROY)
        .build();
  }

  private static void share(ITable table, PublishedFunction vend) {
    vend.setVariable("TVM_STATE", "dynamodb:" + table.getTableName());
    table.grant(
        vend.role(),
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem");
  }

  private void setDeploymentVariables(PublishedFunction function, boolean metrics) {
    front.apiId().ifPresent(id -> function.setVariable("TVM_API_ID", id));
    function.setVariable("TVM_STAGE", front.stage());
    if (!metrics) {
      function.setVariable("TVM_METRICS", "off");
    }
    directory.ifPresent(
        users -> {
          function.setVariable("TVM_USER_POOL_ID", users.pool().getUserPoolId());
          function.setVariable("TVM_USER_POOL_CLIENT_ID", users.client().getUserPoolClientId());
        });
  }
}
