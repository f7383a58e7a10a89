package tokenvending.infrastructure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The few lines that carry a demo user's password from its secret to the pool, run by node as
 * Lambda would, with stand-ins for the two clients of AWS.
 */
final class DemoUserPasswordTest {
  private static final String PASSWORD = "Hx7-not-to-be-seen";

  private static final String SECRETS =
      """
      exports.GetSecretValueCommand = class { constructor(input) { this.input = input; } };
      exports.SecretsManagerClient = class {
        async send({ input }) {
          if (input.SecretId !== 'arn:secret') throw Object.assign(new Error('%1$s'), { name: 'AccessDenied' });
          return { SecretString: JSON.stringify({ username: 'reader', password: '%1$s' }) };
        }
      };
      """
          .formatted(PASSWORD);

  private static final String COGNITO =
      """
      exports.AdminSetUserPasswordCommand = class { constructor(input) { this.input = input; } };
      exports.CognitoIdentityProviderClient = class {
        async send({ input }) { require('fs').appendFileSync(process.env.CALLS, JSON.stringify(input) + '\\n'); }
      };
      """;

  @TempDir Path work;

  private final BlockingQueue<String> answers = new ArrayBlockingQueue<>(10);
  private HttpServer cloudFormation;

  @BeforeEach
  void start() throws IOException {
    cloudFormation =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    cloudFormation.createContext(
        "/",
        exchange -> {
          // The address is signed for a request without a type.
          assertThat(exchange.getRequestHeaders().getFirst("Content-Type")).isEmpty();
          answers.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    cloudFormation.start();
    module("client-secrets-manager", SECRETS);
    module("client-cognito-identity-provider", COGNITO);
    Files.createFile(work.resolve("calls"));
  }

  @AfterEach
  void stop() {
    cloudFormation.stop(0);
  }

  private void module(String name, String source) throws IOException {
    Path folder = Files.createDirectories(work.resolve("node_modules/@aws-sdk/" + name));
    Files.writeString(folder.resolve("index.js"), source);
  }

  /** What the function printed. */
  private String run(String requestType, String secret) throws IOException, InterruptedException {
    String code =
        Synthesized.of("cognito", "demo-users=true")
            .properties("AWS::Lambda::Function", "MachineDemoUsers")
            .at("/Code/ZipFile")
            .asText();
    assertThat(code.length())
        .as("CloudFormation takes 4 MB of it, Lambda's console less")
        .isLessThan(4096);
    Files.writeString(work.resolve("index.js"), code);
    Files.writeString(
        work.resolve("run.js"),
        """
        const event = { RequestType: '%s', ResponseURL: 'http://127.0.0.1:%d/answer?signature=private',
          StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Reader',
          ResourceProperties: { UserPoolId: 'pool', Username: 'reader', Secret: '%s' } };
        require('./index.js').handler(event, { logGroupName: 'log' });
        """
            .formatted(requestType, cloudFormation.getAddress().getPort(), secret));
    Path output = work.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder(List.of("node", "run.js"))
            .directory(work.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("CALLS", work.resolve("calls").toString());
    Process node = builder.start();
    assertThat(node.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(node.exitValue()).as(Files.readString(output)).isZero();
    return Files.readString(output);
  }

  private JsonNode answer() throws IOException, InterruptedException {
    String answer = answers.poll(10, TimeUnit.SECONDS);
    assertThat(answer).isNotNull().doesNotContain(PASSWORD);
    return new ObjectMapper().readTree(answer);
  }

  @Test
  @Tag("T22")
  void password_goes_from_the_secret_to_the_pool_and_nowhere_else()
      throws IOException, InterruptedException {
    String printed = run("Create", "arn:secret");

    assertThat(Files.readString(work.resolve("calls")))
        .contains("\"UserPoolId\":\"pool\"", "\"Username\":\"reader\"", "\"Permanent\":true")
        .contains("\"Password\":\"" + PASSWORD + "\"");
    JsonNode answer = answer();
    assertThat(answer.get("Status").asText()).isEqualTo("SUCCESS");
    assertThat(answer.get("PhysicalResourceId").asText()).isEqualTo("Reader-password");
    assertThat(printed).doesNotContain(PASSWORD).doesNotContain("private");
  }

  @Test
  void removal_touches_nothing() throws IOException, InterruptedException {
    run("Delete", "arn:secret");

    assertThat(Files.readString(work.resolve("calls"))).isEmpty();
    assertThat(answer().get("Status").asText()).isEqualTo("SUCCESS");
  }

  @Test
  @Tag("T22")
  void failure_is_told_to_CloudFormation_by_its_name_alone()
      throws IOException, InterruptedException {
    String printed = run("Update", "arn:another");

    assertThat(Files.readString(work.resolve("calls"))).isEmpty();
    JsonNode answer = answer();
    assertThat(answer.get("Status").asText()).isEqualTo("FAILED");
    assertThat(answer.get("Reason").asText()).startsWith("AccessDenied;");
    assertThat(printed).contains("AccessDenied").doesNotContain(PASSWORD);
  }
}
