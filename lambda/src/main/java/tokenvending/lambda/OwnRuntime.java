package tokenvending.lambda;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tokenvending.runtime.Handler;
import tokenvending.runtime.Loop;

/** The functions under a runtime of their own: one process, which is what {@code _HANDLER} says. */
public final class OwnRuntime {
  private OwnRuntime() {}

  public static void main(String[] args) {
    Map<String, String> environment = System.getenv();
    OperationsLog.install(new FileOutputStream(FileDescriptor.out));
    Loop loop = new Loop(environment.getOrDefault("AWS_LAMBDA_RUNTIME_API", ""), OwnRuntime::log);
    System.exit(loop.run(() -> function(environment.getOrDefault("_HANDLER", ""))));
  }

  /** By the names that AWS's runtime for Java would take. */
  private static Handler function(String name) {
    return switch (name) {
      case "tokenvending.lambda.VendHandler::handleRequest" -> new VendHandler()::handle;
      case "tokenvending.lambda.AuthorizerHandler::handleRequest" ->
          new AuthorizerHandler()::handle;
      default -> throw new IllegalArgumentException("there is no function " + name);
    };
  }

  private static void log(String message, Throwable thrown) {
    Logger log = LoggerFactory.getLogger(OwnRuntime.class);
    log.atError().setCause(thrown).log(message);
  }
}
