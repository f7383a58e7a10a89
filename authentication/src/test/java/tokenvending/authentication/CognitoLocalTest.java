package tokenvending.authentication;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.authentication.JwtRules.CognitoRules;
import tokenvending.identity.Attempt;
import tokenvending.identity.AuthenticationResult;
import tokenvending.identity.AuthenticationResult.Authenticated;
import tokenvending.identity.AuthenticationResult.Reason;
import tokenvending.identity.AuthenticationResult.Unauthenticated;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.Principal;

/**
 * A real sign-in at cognito-local, with a pool, a client, a user and a group. Runs when its tag is
 * asked for, and then needs {@code -Dcognito-local.folder}: where npm installed it.
 */
@Tag("cognito-local")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CognitoLocalTest {
  private static final Pattern ADDRESS =
      Pattern.compile("running on http://127\\.0\\.0\\.1:(\\d+)");
  private static final String PASSWORD = "Correct-Horse-7";

  private final HttpClient client = HttpClient.newHttpClient();
  @TempDir private Path data = Path.of("set by JUnit");
  private final CompletableFuture<Process> cognito = new CompletableFuture<>();
  private URI address = URI.create("http://127.0.0.1");
  private String pool = "";
  private String clientId = "";

  @BeforeAll
  void start_and_create_pool_client_user_and_group() throws Exception {
    String folder = System.getProperty("cognito-local.folder", "");
    Path program = Path.of(folder).resolve("node_modules/.bin/cognito-local").toAbsolutePath();
    assertThat(program).as("cognito-local, under -Dcognito-local.folder").isExecutable();
    // Else every user name must be an e-mail address.
    Files.createDirectories(data.resolve(".cognito"));
    Files.writeString(
        data.resolve(".cognito/config.json"), "{\"UserPoolDefaults\":{\"UsernameAttributes\":[]}}");
    ProcessBuilder builder =
        new ProcessBuilder("node", program.toString())
            .directory(data.toFile())
            .redirectErrorStream(true);
    builder.environment().putAll(Map.of("HOST", "127.0.0.1", "PORT", "0"));
    Process process = builder.start();
    cognito.complete(process);
    address = URI.create("http://127.0.0.1:" + port(process));
    pool = member(call("CreateUserPool", "{\"PoolName\":\"chat\"}"), "UserPool", "Id");
    clientId = client("web");
    String inPool = "{\"UserPoolId\":\"" + pool + "\",";
    call("CreateGroup", inPool + "\"GroupName\":\"moderators\"}");
    call(
        "AdminCreateUser",
        inPool
            + "\"Username\":\"ann\",\"MessageAction\":\"SUPPRESS\",\"TemporaryPassword\":\"Temp-0-x\"}");
    call(
        "AdminSetUserPassword",
        inPool + "\"Username\":\"ann\",\"Permanent\":true,\"Password\":\"" + PASSWORD + "\"}");
    call("AdminAddUserToGroup", inPool + "\"Username\":\"ann\",\"GroupName\":\"moderators\"}");
  }

  @AfterAll
  void stop() throws InterruptedException {
    client.shutdownNow();
    Process process = cognito.getNow(null);
    if (process != null) {
      process.destroy();
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
  }

  @Test
  void id_token_and_access_token_of_a_sign_in_are_accepted() throws Exception {
    Json.Members tokens = signIn(clientId);
    try (JwksSource keys = keys()) {
      JwtAuthenticator authenticator = authenticator(clientId, keys);
      for (String kind : List.of("IdToken", "AccessToken")) {
        Principal principal = accepted(authenticator, tokens.text(kind).orElseThrow());
        assertThat(principal.groups()).containsExactly("moderators");
        assertThat(principal.subject().orElseThrow()).hasSize(36);
        assertThat(principal.sessionEnd().orElseThrow()).isAfter(Instant.now());
      }
    }
  }

  @Test
  void T2_tokens_of_another_client_of_the_pool_are_refused() throws Exception {
    Json.Members tokens = signIn(client("admin console"));
    try (JwksSource keys = keys()) {
      JwtAuthenticator authenticator = authenticator(clientId, keys);
      for (String kind : List.of("IdToken", "AccessToken")) {
        AuthenticationResult result =
            authenticator.authenticate(Issuer.bearer(tokens.text(kind).orElseThrow()), attempt());
        assertThat(result).isInstanceOf(Unauthenticated.class);
        assertThat(((Unauthenticated) result).reason()).isEqualTo(Reason.WRONG_AUDIENCE);
      }
    }
  }

  @Test
  void T2_refresh_token_is_refused() throws Exception {
    String refresh = signIn(clientId).text("RefreshToken").orElseThrow();
    try (JwksSource keys = keys()) {
      // Cognito's own is encrypted; this one is signed like the others, and only its use differs.
      AuthenticationResult result =
          authenticator(clientId, keys).authenticate(Issuer.bearer(refresh), attempt());
      assertThat(result).isInstanceOf(Unauthenticated.class);
      assertThat(((Unauthenticated) result).reason()).isEqualTo(Reason.WRONG_TOKEN_USE);
    }
  }

  private JwtAuthenticator authenticator(String forClient, JwksSource keys) {
    // Port 0 is what it was told, and what it writes into its tokens.
    CognitoRules rules = new CognitoRules("http://127.0.0.1:0/" + pool, forClient);
    return new JwtAuthenticator(rules, keys, Clock.systemUTC());
  }

  private JwksSource keys() {
    URI jwks = address.resolve("/" + pool + "/.well-known/jwks.json");
    return new JwksSource(
        new KeySetLocation.At(jwks), System::nanoTime, Clock.systemUTC(), SettableClock.ENOUGH);
  }

  private Json.Members signIn(String atClient) throws IOException, InterruptedException {
    Json.Members answer =
        call(
            "InitiateAuth",
            "{\"AuthFlow\":\"USER_PASSWORD_AUTH\",\"ClientId\":\""
                + atClient
                + "\",\"AuthParameters\":{\"USERNAME\":\"ann\",\"PASSWORD\":\""
                + PASSWORD
                + "\"}}");
    return (Json.Members) answer.find("AuthenticationResult").orElseThrow();
  }

  private String client(String name) throws IOException, InterruptedException {
    return member(
        call(
            "CreateUserPoolClient",
            "{\"UserPoolId\":\"" + pool + "\",\"ClientName\":\"" + name + "\"}"),
        "UserPoolClient",
        "ClientId");
  }

  private Json.Members call(String action, String body) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(address)
            .header("X-Amz-Target", "AWSCognitoIdentityProviderService." + action)
            .header("Content-Type", "application/x-amz-json-1.1")
            .header(
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=local/20260101/local/cognito-idp/aws4_request")
            .POST(BodyPublishers.ofString(body))
            .build();
    var response = client.send(request, BodyHandlers.ofString());
    assertThat(response.statusCode()).as(action + ": " + response.body()).isEqualTo(200);
    return Json.object(response.body().isEmpty() ? "{}" : response.body()).orElseThrow();
  }

  private static String member(Json.Members answer, String object, String name) {
    return ((Json.Members) answer.find(object).orElseThrow()).text(name).orElseThrow();
  }

  private static int port(Process process) throws Exception {
    CompletableFuture<Integer> port = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              // Reads to the end, so that the other side never blocks on a full pipe.
              try (BufferedReader lines = process.inputReader(UTF_8)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                  Matcher matcher = ADDRESS.matcher(line);
                  if (matcher.find()) {
                    port.complete(Integer.valueOf(matcher.group(1)));
                  }
                }
                port.completeExceptionally(new IOException("it ended without an address"));
              } catch (IOException e) {
                port.completeExceptionally(e);
              }
            });
    return port.get(60, TimeUnit.SECONDS);
  }

  private static Principal accepted(JwtAuthenticator by, String token) {
    assertThat(by.recognises(Issuer.bearer(token))).isTrue();
    AuthenticationResult result = by.authenticate(Issuer.bearer(token), attempt());
    assertThat(result).isInstanceOf(Authenticated.class);
    return ((Authenticated) result).principal();
  }

  private static Attempt attempt() {
    return new Attempt(
        "request", new ClientAddress(InetAddress.getLoopbackAddress()), Instant.EPOCH);
  }
}
