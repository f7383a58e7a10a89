package tokenvending.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.authentication.Argon2Hash;
import tokenvending.lambda.RuntimeApiAtLoopback.Result;
import tokenvending.secret.Secret;

/**
 * What is deployed, as AWS runs it: the built zip, unpacked, under AWS's own runtime client in a
 * process of its own, with a Runtime API, a token service and a Secrets Manager on loopback.
 */
final class BuiltZipTest {
  private static final Path ZIP = Path.of("target", "function.zip");
  private static final String CLIENT = Path.of("target", "runtime").toAbsolutePath() + "/*";
  private static final String VEND = "tokenvending.lambda.VendHandler::handleRequest";
  private static final String AUTHORIZE = "tokenvending.lambda.AuthorizerHandler::handleRequest";
  private static final String RULES =
      """
      parameters:
        name: { max-length: 64, required: false }
      rules:
        - id: everybody
          permissions:
            - { role: ReadOnly, cache: chat }
      cors: { allow-origins: ["https://chat.example.com"] }
      """;

  @TempDir private Path folder;
  private final Upstream upstream = new Upstream();
  private final RuntimeApiAtLoopback runtime = new RuntimeApiAtLoopback();
  private final List<Process> processes = new ArrayList<>();
  private Path log = Path.of("log");

  @BeforeEach
  void unpack() throws IOException {
    log = Files.createTempFile(Path.of("target"), "function", ".log");
    try (ZipFile zip = new ZipFile(ZIP.toFile())) {
      Enumeration<? extends ZipEntry> entries = zip.entries();
      while (entries.hasMoreElements()) {
        ZipEntry entry = entries.nextElement();
        Path to = folder.resolve(entry.getName());
        if (entry.isDirectory()) {
          Files.createDirectories(to);
          continue;
        }
        Files.createDirectories(to.getParent());
        try (InputStream in = zip.getInputStream(entry)) {
          Files.copy(in, to);
        }
      }
    }
  }

  @AfterEach
  void stop() throws InterruptedException {
    for (Process process : processes) {
      process.destroy();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
    runtime.close();
    upstream.close();
  }

  private void start(String waysIn, String handler) throws IOException {
    Map<String, String> environment =
        upstream.deployed(folder, "authentication:\n" + waysIn + RULES);
    start(environment, handler);
  }

  private Process start(Map<String, String> environment, String handler) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            ProcessHandle.current().info().command().orElseThrow(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            folder.resolve("lib") + "/*" + File.pathSeparator + CLIENT,
            "com.amazonaws.services.lambda.runtime.api.client.AWSLambda",
            handler);
    builder.environment().putAll(environment);
    builder
        .environment()
        .putAll(
            Map.of(
                "AWS_LAMBDA_RUNTIME_API", runtime.authority(),
                "AWS_LAMBDA_FUNCTION_NAME", "vend",
                "AWS_LAMBDA_FUNCTION_VERSION", "1",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024",
                "AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand",
                "_HANDLER", handler));
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  private JsonNode vend(JsonNode event) throws IOException {
    Result result = runtime.invoke(event.toString());
    assertThat(result.kind()).as(result.body()).isEqualTo("response");
    return Events.JSON.readTree(result.body());
  }

  private void everyLineIsOneJsonObject() throws IOException {
    List<String> lines = Files.readAllLines(log);
    assertThat(lines).isNotEmpty();
    for (String line : lines) {
      assertThat(Events.JSON.readTree(line).isObject()).as(line).isTrue();
    }
  }

  @Test
  void open_vends_and_refuses_and_outlives_an_event_that_is_not_its() throws IOException {
    start("  - open: {}\n", VEND);
    assertThat(vend(Events.get(Map.of("name", "Taylor"), Map.of())).get("statusCode").asInt())
        .isEqualTo(200);
    assertThat(vend(Events.get(Map.of("colour", "red"), Map.of())).get("statusCode").asInt())
        .isEqualTo(400);
    Result foreign = runtime.invoke("{\"version\":\"2.0\",\"rawPath\":\"/\"}");
    assertThat(foreign.kind()).isEqualTo("error");
    assertThat(foreign.body()).contains("events of an API Gateway REST API");
    assertThat(vend(Events.get(Map.of(), Map.of())).get("statusCode").asInt()).isEqualTo(200);
    assertThat(upstream.minted).hasValue(2);
    everyAuditLineIsJson();
  }

  /** AWS's client logs an error as text of its own; ours are objects. */
  private void everyAuditLineIsJson() throws IOException {
    assertThat(Files.readAllLines(log))
        .filteredOn(line -> line.startsWith("{"))
        .hasSizeGreaterThanOrEqualTo(3)
        .allSatisfy(line -> assertThat(Events.JSON.readTree(line).isObject()).isTrue());
  }

  @Test
  void an_oversized_event_is_413_and_vends_nothing() throws IOException {
    start("  - open: {}\n", VEND);
    String body = "{\"name\":\"" + "a".repeat(5_900_000) + "\"}";
    JsonNode answer =
        vend(
            Events.proxy(
                "POST", Map.of(), Map.of("Content-Type", List.of("application/json")), body));
    assertThat(answer.get("statusCode").asInt()).isEqualTo(413);
    assertThat(upstream.minted).hasValue(0);
    everyLineIsOneJsonObject();
  }

  @Test
  void a_token_service_that_does_not_answer_is_503_within_the_deadline() throws IOException {
    upstream.silence();
    start("  - open: {}\n", VEND);
    long started = System.nanoTime();
    JsonNode answer = vend(Events.get(Map.of(), Map.of()));
    assertThat(answer.get("statusCode").asInt()).isEqualTo(503);
    assertThat(answer.path("multiValueHeaders").path("retry-after").path(0).asInt())
        .isGreaterThanOrEqualTo(1);
    assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - started)).isLessThan(40);
    everyLineIsOneJsonObject();
  }

  @Test
  @Tag("T5")
  void a_JWT_is_verified_by_both_functions() throws IOException {
    start(upstream.oidc(), VEND);
    String jwt = upstream.jwt("ann");
    JsonNode answer = vend(Events.get(Map.of(), Map.of("authorization", "Bearer " + jwt)));
    assertThat(answer.get("statusCode").asInt()).isEqualTo(200);
    assertThat(Events.body(answer).path("tokenId").asText()).isEqualTo("ann");
    JsonNode refused = vend(Events.get(Map.of(), Map.of("authorization", "Bearer " + jwt + "x")));
    assertThat(refused.get("statusCode").asInt()).isEqualTo(401);
    everyLineIsOneJsonObject();
    assertThat(Files.readString(log))
        .doesNotContain(jwt, Events.body(answer).path("authToken").asText());
  }

  @Test
  @Tag("T7")
  void a_password_is_checked_by_the_authorizer() throws IOException {
    upstream.secrets.put(
        "users",
        "ann: { hash: \"%s\" }\n"
            .formatted(Argon2Hash.of(Secret.of("right horse"), new SecureRandom()).text()));
    start("  - password: { users: \"aws-secret:users\" }\n", AUTHORIZE);
    JsonNode allowed = vend(Events.authorize(basic("ann:right horse")));
    assertThat(allowed.path("policyDocument").path("Statement").path(0).path("Effect").asText())
        .isEqualTo("Allow");
    Result refused = runtime.invoke(Events.authorize(basic("ann:wrong horse")).toString());
    assertThat(refused.kind()).isEqualTo("error");
    assertThat(Events.JSON.readTree(refused.body()).path("errorMessage").asText())
        .isEqualTo("Unauthorized");
    assertThat(Files.readString(log)).doesNotContain("horse");
  }

  private static Map<String, String> basic(String pair) {
    return Map.of(
        "Authorization", "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8)));
  }

  @Test
  void a_file_that_cannot_be_used_is_a_start_that_failed() throws Exception {
    Map<String, String> environment = upstream.deployed(folder, "authentication: no\n");
    Process process = start(environment, VEND);
    assertThat(runtime.failedStart().body()).contains("tvm.yaml:1");
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isNotZero();
  }

  @Test
  void the_zip_holds_what_the_path_needs_and_nothing_else() throws IOException {
    TreeSet<String> names = new TreeSet<>();
    Pattern version = Pattern.compile("-[0-9][0-9A-Za-z.]*(-SNAPSHOT|-jre)?\\.jar$");
    try (ZipFile zip = new ZipFile(ZIP.toFile())) {
      zip.stream()
          .filter(entry -> !entry.isDirectory())
          .forEach(
              entry -> {
                assertThat(entry.getName()).startsWith("lib/");
                Matcher end = version.matcher(entry.getName());
                names.add(end.replaceFirst("").substring("lib/".length()));
              });
    }
    assertThat(names).containsExactlyInAnyOrderElementsOf(CONTENT);
    assertThat(Files.size(ZIP)).isLessThan(17_000_000L);
  }

  /** A new one costs every cold start; think before it is written down here. */
  private static final List<String> CONTENT =
      List.of(
          "api",
          "app",
          "auth",
          "authentication",
          "aws",
          "aws-lambda-java-core",
          "checksums",
          "checksums-spi",
          "crac",
          "endpoints-spi",
          "eventstream",
          "failureaccess",
          "grpc-api",
          "grpc-context",
          "grpc-core",
          "grpc-okhttp",
          "grpc-protobuf",
          "grpc-protobuf-lite",
          "grpc-stub",
          "grpc-util",
          "gson",
          "guava",
          "http-auth",
          "http-auth-aws",
          "http-auth-aws-eventstream",
          "http-auth-spi",
          "http-client-spi",
          "identity-spi",
          "jackson-core",
          "json-utils",
          "kotlin-stdlib",
          "kotlin-stdlib-common",
          "kotlin-stdlib-jdk7",
          "kotlin-stdlib-jdk8",
          "lambda",
          "metrics-spi",
          "momento",
          "nimbus-jose-jwt",
          "okio",
          "okio-jvm",
          "password4j",
          "perfmark-api",
          "profiles",
          "protobuf-java",
          "reactive-streams",
          "regions",
          "retries",
          "retries-spi",
          "sdk-core",
          "slf4j-api",
          "slf4j-jdk14",
          "snakeyaml-engine",
          "third-party-jackson-core",
          "url-connection-client",
          "utils",
          "vending");
}
