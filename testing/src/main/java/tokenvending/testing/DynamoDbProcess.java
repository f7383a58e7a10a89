package tokenvending.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * DynamoDB Local in a process of its own, with one table, in memory; it can be stopped, killed and
 * started again. The build of {@code dynamodb-local/} put the program there.
 */
public final class DynamoDbProcess implements StoreProcess {
  /** The name of the table. */
  public static final String TABLE = "tokens";

  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration ANSWER = Duration.ofSeconds(20);
  private static final int ATTEMPTS = 3;

  private final Path folder;
  private final int port;
  private final HttpClient client = HttpClient.newHttpClient();
  private Process process;

  private DynamoDbProcess(Path folder, int port, Process process) {
    this.folder = folder;
    this.port = port;
    this.process = process;
  }

  /** Starts one, and waits until its table is there. */
  public static DynamoDbProcess start(Path folder) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int port = freePort();
      DynamoDbProcess made = new DynamoDbProcess(folder, port, launch(folder, port));
      // Somebody else may have taken the port in between; then the process ends.
      if (made.answers()) {
        made.makeTable();
        return made;
      }
      made.kill();
    }
    throw new AssertionError("DynamoDB Local does not start; its log is in " + folder);
  }

  /** What the AWS SDK of another process must find in its environment. */
  public Map<String, String> environment() {
    return Map.of(
        "AWS_ENDPOINT_URL_DYNAMODB", address().toString(),
        "AWS_REGION", "us-west-2",
        "AWS_ACCESS_KEY_ID", "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY", "example");
  }

  /** Where it listens. */
  public URI address() {
    return URI.create("http://127.0.0.1:" + port);
  }

  @Override
  public void kill() {
    process.destroyForcibly();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        throw new AssertionError("DynamoDB Local does not end");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void startAgain() {
    process = launch(folder, port);
    if (!answers()) {
      throw new AssertionError("DynamoDB Local does not start again");
    }
    makeTable();
  }

  @Override
  public void stop() {
    RedisProcess.signal(process, "STOP");
  }

  @Override
  public void goOn() {
    RedisProcess.signal(process, "CONT");
  }

  /** Deletes the table, and makes an empty one of the same name. */
  @Override
  public void empty() {
    var _ = say("DeleteTable", "{\"TableName\":\"%s\"}".formatted(TABLE));
    makeTable();
  }

  private void makeTable() {
    String made =
        say(
            "CreateTable",
            """
            {"TableName":"%s","BillingMode":"PAY_PER_REQUEST",
             "AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},
                                     {"AttributeName":"sk","AttributeType":"S"}],
             "KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},
                          {"AttributeName":"sk","KeyType":"RANGE"}]}\
            """
                .formatted(TABLE));
    if (!made.contains("\"TableStatus\"")) {
      throw new AssertionError("no table was made: " + made);
    }
  }

  /** Asks for an operation by its name; gives the answer, whatever it is. */
  public String say(String operation, String body) {
    try {
      return client
          .send(
              HttpRequest.newBuilder(address())
                  .timeout(ANSWER)
                  .header("X-Amz-Target", "DynamoDB_20120810." + operation)
                  .header("Content-Type", "application/x-amz-json-1.0")
                  .header(
                      "Authorization",
                      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-west-2/dynamodb/"
                          + "aws4_request, SignedHeaders=host, Signature=none")
                  .POST(HttpRequest.BodyPublishers.ofString(body, UTF_8))
                  .build(),
              BodyHandlers.ofString(UTF_8))
          .body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static Process launch(Path folder, int port) {
    Path jars = Path.of("..", "dynamodb-local", "target", "lib").toAbsolutePath().normalize();
    if (!Files.isDirectory(jars)) {
      throw new AssertionError("not there: " + jars + "; mvn -pl dynamodb-local package brings it");
    }
    try {
      return new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-XX:TieredStopAtLevel=1",
              "-XX:+UseSerialGC",
              "-Xmx256m",
              "-cp",
              jars + "/*",
              "com.amazonaws.services.dynamodbv2.local.main.ServerRunner",
              "-inMemory",
              "-sharedDb",
              "-disableTelemetry",
              "-port",
              Integer.toString(port))
          .directory(folder.toFile())
          .redirectErrorStream(true)
          .redirectOutput(
              ProcessBuilder.Redirect.appendTo(
                  new File(folder.toFile(), "dynamodb-" + port + ".log")))
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean answers() {
    long until = System.nanoTime() + START.toNanos();
    while (process.isAlive() && System.nanoTime() - until < 0) {
      try {
        if (say("ListTables", "{}").contains("TableNames") && process.isAlive()) {
          return true;
        }
      } catch (UncheckedIOException e) {
        // Not yet.
      }
      pause(Duration.ofMillis(50));
    }
    return false;
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    kill();
  }
}
