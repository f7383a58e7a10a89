package tokenvending.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A dynalite process, an implementation of DynamoDB in memory, on loopback and with one table. Its
 * package is installed in {@code testing/dynalite/}.
 */
public final class DynamoDbProcess implements StoreProcess {
  public static final String TABLE = "tokens";

  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private final LoopbackProcess process;

  private DynamoDbProcess(LoopbackProcess process) {
    this.process = process;
    makeTable();
  }

  /** Starts a process, and waits until its table is active. */
  public static DynamoDbProcess start(Path folder) {
    Path home = Path.of("..", "testing", "dynalite").toAbsolutePath().normalize();
    if (!Files.isDirectory(home.resolve("node_modules"))) {
      throw new AssertionError("run npm ci --ignore-scripts in " + home);
    }
    Path program = home.resolve("server.mjs");
    return new DynamoDbProcess(
        LoopbackProcess.start(
            folder,
            port -> List.of("node", program.toString(), port),
            port -> say(port, "ListTables", "{}").contains("TableNames")));
  }

  /** Returns the environment variables with which AWS's SDK in another process finds it. */
  public Map<String, String> environment() {
    return Map.of(
        "AWS_ENDPOINT_URL_DYNAMODB", address().toString(),
        "AWS_REGION", "us-west-2",
        "AWS_ACCESS_KEY_ID", "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY", "example");
  }

  public URI address() {
    return address(process.port());
  }

  private static URI address(int port) {
    return URI.create("http://127.0.0.1:" + port);
  }

  @Override
  public void kill() {
    process.kill();
  }

  @Override
  public void startAgain() {
    process.startAgain();
    makeTable();
  }

  @Override
  public void stop() {
    process.signal("STOP");
  }

  @Override
  public void goOn() {
    process.signal("CONT");
  }

  /** Replaces the table with an empty one of the same name. */
  @Override
  public void empty() {
    var _ = say("DeleteTable", "{\"TableName\":\"%s\"}".formatted(TABLE));
    makeTable();
  }

  private void makeTable() {
    String table =
        """
        {"TableName":"%s","BillingMode":"PAY_PER_REQUEST",
         "AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},
                                 {"AttributeName":"sk","AttributeType":"S"}],
         "KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},
                      {"AttributeName":"sk","KeyType":"RANGE"}]}\
        """
            .formatted(TABLE);
    // A deletion completes some time after its response.
    Await.until("table made", () -> say("CreateTable", table).contains("\"TableStatus\""));
    Await.until(
        "table active",
        () ->
            say("DescribeTable", "{\"TableName\":\"%s\"}".formatted(TABLE))
                .contains("\"TableStatus\":\"ACTIVE\""));
  }

  /** Sends a request and returns the body of the response, whatever its status. */
  public String say(String operation, String body) {
    try {
      return say(process.port(), operation, body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String say(int port, String operation, String body) throws IOException {
    try {
      return CLIENT
          .send(
              HttpRequest.newBuilder(address(port))
                  .timeout(TIMEOUT)
                  .header("X-Amz-Target", "DynamoDB_20120810." + operation)
                  .header("X-Amz-Date", "20260101T000000Z")
                  .header("Content-Type", "application/x-amz-json-1.0")
                  .header(
                      "Authorization",
                      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-west-2/dynamodb/"
                          + "aws4_request, SignedHeaders=host, Signature=none")
                  .POST(HttpRequest.BodyPublishers.ofString(body, UTF_8))
                  .build(),
              BodyHandlers.ofString(UTF_8))
          .body();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
