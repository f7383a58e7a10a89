package tokenvending.lambda.runtime;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/**
 * AWS's Runtime API for custom runtimes, version 2018-06-01: where events come from and answers go
 * to. The JDK's old HTTP client, because it loads in a fraction of the time that the new one takes.
 */
public final class RuntimeApi {
  private static final String VERSION = "/2018-06-01/runtime/";

  private final String authority;

  /**
   * @param authority host and port, as Lambda says in {@code AWS_LAMBDA_RUNTIME_API}
   */
  public RuntimeApi(String authority) {
    this.authority = authority;
  }

  /** Waits for the next event, for as long as it takes: between two, Lambda freezes the process. */
  public Invocation next() throws IOException {
    HttpURLConnection connection = open("invocation/next");
    // Without a limit: a frozen process finds any deadline passed when it wakes.
    connection.setReadTimeout(0);
    try (InputStream body = connection.getInputStream()) {
      String id = header(connection, "Lambda-Runtime-Aws-Request-Id").orElseThrow(Unusable::new);
      Instant deadline =
          header(connection, "Lambda-Runtime-Deadline-Ms")
              .map(Long::parseLong)
              .map(Instant::ofEpochMilli)
              .orElse(Instant.MAX);
      return new Invocation(id, deadline, body.readAllBytes());
    }
  }

  /** Hands the answer over. */
  public void answer(String id, ByteArrayOutputStream answer) throws IOException {
    HttpURLConnection connection = open("invocation/" + id + "/response");
    post(connection, answer);
  }

  /** Says that an event was not answered, and why. */
  public void fail(String id, Failure failure) throws IOException {
    report(open("invocation/" + id + "/error"), failure);
  }

  /** Says that no event will ever be answered by this process. */
  public void failToStart(Failure failure) throws IOException {
    report(open("init/error"), failure);
  }

  private HttpURLConnection open(String path) throws IOException {
    try {
      URI uri = new URI("http://" + authority + VERSION + path);
      HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
      connection.setUseCaches(false);
      connection.setInstanceFollowRedirects(false);
      return connection;
    } catch (URISyntaxException e) {
      throw new IOException("no address of a Runtime API", e);
    }
  }

  private static void report(HttpURLConnection connection, Failure failure) throws IOException {
    connection.setRequestProperty("Lambda-Runtime-Function-Error-Type", failure.type());
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(failure.json().getBytes(StandardCharsets.UTF_8));
    post(connection, body);
  }

  private static void post(HttpURLConnection connection, ByteArrayOutputStream body)
      throws IOException {
    connection.setRequestMethod("POST");
    connection.setDoOutput(true);
    connection.setRequestProperty("Content-Type", "application/json");
    // Streamed: else the client may send a POST twice after a connection broke.
    connection.setFixedLengthStreamingMode(body.size());
    try (OutputStream out = connection.getOutputStream()) {
      body.writeTo(out);
    }
    int status = connection.getResponseCode();
    // Read to its end, so that the connection serves the next call.
    try (InputStream rest =
        status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
      if (rest != null) {
        rest.skip(Long.MAX_VALUE);
      }
    }
    if (status != 202) {
      throw new IOException("the Runtime API answered " + status);
    }
  }

  private static Optional<String> header(HttpURLConnection connection, String name) {
    return Optional.ofNullable(connection.getHeaderField(name));
  }

  private static final class Unusable extends RuntimeException {
    private static final long serialVersionUID = 1;

    Unusable() {
      super("an event without a request id");
    }
  }
}
