package tokenvending.infrastructure;

import io.github.cdklabs.cdknag.NagPackSuppression;
import io.github.cdklabs.cdknag.NagSuppressions;
import java.util.List;
import java.util.Optional;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.CfnParameter;
import software.amazon.awscdk.DefaultStackSynthesizer;
import software.amazon.awscdk.PermissionsBoundary;
import software.amazon.awscdk.SecretValue;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.Tags;
import software.amazon.awscdk.services.secretsmanager.ISecret;
import software.amazon.awscdk.services.secretsmanager.Secret;
import software.constructs.Construct;
import tokenvending.configuration.AwsOptions;
import tokenvending.configuration.MomentoEndpoint;
import tokenvending.configuration.MomentoSettings;
import tokenvending.configuration.SecretReference;

/**
 * A stack with one token vending machine and the secret of its API key: an existing one, if the
 * command line or the file names it, or a new one with the value of the parameter {@code
 * MomentoApiKey}.
 */
final class MomentoTokenVendingMachineStack extends Stack {
  MomentoTokenVendingMachineStack(Construct scope, String id, DeployOptions options) {
    super(scope, id, props(options.file().configuration().aws()));
    Tags.of(this).add("application", "token-vending-machine");
    options
        .file()
        .configuration()
        .aws()
        .tags()
        .forEach((name, value) -> Tags.of(this).add(name, value));
    MomentoSettings momento = options.file().configuration().momento();
    TokenVendingMachineConstruct machine =
        new TokenVendingMachineConstruct(
            this,
            "Machine",
            new TokenVendingMachineProps(
                options.file(),
                options.built(),
                options.staging(),
                apiKey(options, momento),
                Optional.of(endpoint(momento)),
                options.demoUsers()));
    output(
        "MomentoTokenVendingMachineApiEndpoint",
        machine.endpoint(),
        "The URL to request tokens from");
    output("VendFunction", machine.vendFunction(), "Name and alias of the vend function");
    machine
        .domainTarget()
        .ifPresent(target -> output("DomainTarget", target, "Where the domain name must point"));
    if (options.file().configuration().blocks().isPresent()) {
      machine
          .stateTable()
          .ifPresent(name -> output("StateTable", name, "Table with the list of blocked callers"));
    }
    machine
        .userPool()
        .ifPresent(pool -> output("UserPoolId", pool.getUserPoolId(), "Cognito user pool"));
    machine
        .userPoolClient()
        .ifPresent(
            client ->
                output("UserPoolClientId", client.getUserPoolClientId(), "Client of that pool"));
    List<Secret> demo = machine.demoUserSecrets();
    if (!demo.isEmpty()) {
      output("DemoReaderSecret", demo.getFirst().getSecretName(), "Password of the user reader");
      output("DemoWriterSecret", demo.getLast().getSecretName(), "Password of the user writer");
    }
  }

  private static StackProps props(AwsOptions aws) {
    StackProps.Builder props =
        StackProps.builder()
            .description("Token vending machine for Momento: short-lived tokens by tvm.yaml");
    aws.qualifier()
        .ifPresent(
            qualifier ->
                props.synthesizer(
                    DefaultStackSynthesizer.Builder.create().qualifier(qualifier).build()));
    aws.permissionsBoundary()
        .ifPresent(
            boundary ->
                props.permissionsBoundary(
                    boundary.startsWith("arn:")
                        ? PermissionsBoundary.fromArn(boundary)
                        : PermissionsBoundary.fromName(boundary)));
    return props.build();
  }

  private ISecret apiKey(DeployOptions options, MomentoSettings momento) {
    Optional<String> named =
        options
            .momentoSecret()
            .or(
                () ->
                    momento.apiKey().orElse(new SecretReference.Environment("none"))
                            instanceof SecretReference.AwsSecret(String name)
                        ? Optional.of(name)
                        : Optional.empty());
    if (named.isPresent()) {
      return TokenVendingMachineConstruct.existingSecret(this, "MomentoApiKeySecret", named.get());
    }
    CfnParameter parameter =
        CfnParameter.Builder.create(this, "MomentoApiKey")
            .type("String")
            .noEcho(true)
            .minLength(1)
            .description("Momento API key; stored in Secrets Manager and never shown")
            .build();
    Secret secret =
        Secret.Builder.create(this, "MomentoApiKeySecret")
            .description("Momento API key of the token vending machine")
            .secretStringValue(SecretValue.cfnParameter(parameter))
            .build();
    NagSuppressions.addResourceSuppressions(
        secret,
        List.of(
            NagPackSuppression.builder()
                .id("AwsSolutions-SMG4")
                .reason(
                    "Momento's keys are created in its console, so Secrets Manager cannot rotate"
                        + " them. A new value is in use within a minute, without a deployment: see"
                        + " docs/deploying-on-aws.md.")
                .build()));
    return secret;
  }

  /**
   * Returns the endpoint for a v2 key. One in the file is no parameter, because an update keeps the
   * previous value of a parameter.
   */
  private String endpoint(MomentoSettings momento) {
    if (momento.endpoint().isPresent()
        && momento.endpoint().get() instanceof MomentoEndpoint.Literal(String host)) {
      return host;
    }
    return CfnParameter.Builder.create(this, "MomentoEndpoint")
        .type("String")
        .defaultValue("")
        .allowedPattern("[A-Za-z0-9.-]*")
        // It is part of the version's description, which is limited to 256 characters.
        .maxLength(200)
        .description("Host name of the Momento cell; required by v2 API keys only")
        .build()
        .getValueAsString();
  }

  private void output(String id, String value, String description) {
    CfnOutput.Builder.create(this, id).value(value).description(description).build();
  }
}
