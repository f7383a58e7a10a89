package tokenvending.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.IOError;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import tokenvending.runtime.Loop;

/** A function that does what its event says, for AWS's client and for our own runtime. */
public final class Trouble implements RequestStreamHandler {
  /** As AWS's client makes it. */
  public Trouble() {
    if (System.getenv("TROUBLE") != null) {
      throw new IllegalStateException("no start");
    }
  }

  /** Under our own runtime. */
  public static void main(String[] args) {
    Loop loop = new Loop(System.getenv("AWS_LAMBDA_RUNTIME_API"), (message, thrown) -> {});
    System.exit(loop.run(() -> new Trouble()::handle));
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    handle(input, output);
  }

  private void handle(InputStream input, OutputStream output) throws IOException {
    String event = new String(input.readAllBytes(), UTF_8);
    switch (event) {
      case "\"unauthorized\"" -> throw new Quiet("Unauthorized");
      case "\"no message\"" -> throw new IllegalStateException();
      case "\"checked\"" -> throw new IOException("a \"quote\" and\na line é");
      case "\"caused\"" -> throw new IllegalStateException("outer", new IOException("inner"));
      case "\"error\"" -> throw new AssertionError("wrong");
      case "\"deep\"" -> deeper(0);
      case "\"memory\"" -> throw new OutOfMemoryError("none left");
      case "\"io error\"" -> throw new IOError(new IOException("disk"));
      case "\"interrupt\"" -> Thread.currentThread().interrupt();
      case "\"large\"" -> {
        output.write(("\"" + "x".repeat(6_400_000) + "\"").getBytes(UTF_8));
        return;
      }
      default -> {}
    }
    String interrupted = Boolean.toString(Thread.currentThread().isInterrupted());
    String trace = System.getProperty("com.amazonaws.xray.traceHeader");
    output.write(
        "{\"event\":%d,\"interrupted\":%s,\"trace\":\"%s\"}"
            .formatted(event.length(), interrupted, trace)
            .getBytes(UTF_8));
  }

  private static int deeper(int depth) {
    return depth < 0 ? 0 : deeper(depth + 1) + 1;
  }

  private static final class Quiet extends RuntimeException {
    private static final long serialVersionUID = 1;

    Quiet(String message) {
      super(message, null, false, false);
    }
  }
}
