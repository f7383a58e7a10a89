package sample;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.assertions.Template;
import software.amazon.awscdk.services.secretsmanager.Secret;
import tokenvending.infrastructure.DeployableFile;
import tokenvending.infrastructure.TokenVendingMachineConstruct;
import tokenvending.infrastructure.TokenVendingMachineProps;

class TokenVendingMachineTest {
  @Test
  void a_stack_has_the_construct(@TempDir Path staging) {
    Stack stack = new Stack(new App(), "Chat");
    new TokenVendingMachineConstruct(
        stack,
        "Tokens",
        TokenVendingMachineProps.of(
            DeployableFile.of(Path.of("tvm.yaml")),
            Path.of("function"),
            staging,
            Secret.fromSecretNameV2(stack, "MomentoApiKey", "momento-api-key")));
    Template.fromStack(stack).resourceCountIs("AWS::ApiGateway::RestApi", 1);
  }
}
