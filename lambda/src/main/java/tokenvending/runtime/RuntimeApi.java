package tokenvending.runtime;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import tokenvending.runtime.KeptConnection.Answer;

/** AWS's Runtime API, version 2018-06-01, of the process that this one is. */
final class RuntimeApi implements AutoCloseable {
  private static final String PREFIX = "/2018-06-01/runtime/";
  private static final int OK = 200;
  private static final int ACCEPTED = 202;

  private final KeptConnection connection;

  RuntimeApi(KeptConnection connection) {
    this.connection = connection;
  }

  /** Waits for an event, however long. */
  Invocation next() throws IOException {
    Answer answer = connection.ask("GET " + PREFIX + "invocation/next HTTP/1.1\r\n", new byte[0]);
    if (answer.status() != OK) {
      throw new IOException("the Runtime API handed no event out: " + answer.status());
    }
    Map<String, String> headers = answer.headers();
    String id = headers.getOrDefault("lambda-runtime-aws-request-id", "");
    // It goes into a request line.
    if (id.isEmpty() || !id.chars().allMatch(one -> one > ' ' && one < 0x7f)) {
      throw new IOException("the Runtime API handed an event out that has no id");
    }
    return new Invocation(
        id, Optional.ofNullable(headers.get("lambda-runtime-trace-id")), answer.body());
  }

  void respond(Invocation to, byte[] answer) throws IOException {
    post("invocation/" + to.id() + "/response", "", answer);
  }

  void fail(Invocation to, ErrorReport error) throws IOException {
    post("invocation/" + to.id() + "/error", kind(error), error.json());
  }

  void failStart(ErrorReport error) throws IOException {
    post("init/error", kind(error), error.json());
  }

  private static String kind(ErrorReport error) {
    return "Lambda-Runtime-Function-Error-Type: " + error.kind() + "\r\n";
  }

  private void post(String path, String header, byte[] json) throws IOException {
    Answer answer =
        connection.ask(
            ("POST " + PREFIX + path + " HTTP/1.1\r\n")
                + "Content-Type: application/json\r\n"
                + header,
            json);
    if (answer.status() != ACCEPTED) {
      throw new IOException("the Runtime API did not take what was said: " + answer.status());
    }
  }

  @Override
  public void close() {
    connection.close();
  }
}
