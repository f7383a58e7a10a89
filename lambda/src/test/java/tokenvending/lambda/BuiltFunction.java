package tokenvending.lambda;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import tokenvending.lambda.RuntimeApiAtLoopback.Result;
import tokenvending.testing.StoreProcess;

/**
 * What is deployed, as AWS runs it: the built zip, unpacked, under AWS's own runtime client in a
 * process of its own, with a Runtime API on loopback. It can be frozen between events.
 */
final class BuiltFunction implements AutoCloseable {
  static final Path ZIP = Path.of("target", "function.zip");
  static final String VEND = "tokenvending.lambda.VendHandler::handleRequest";
  static final String AUTHORIZE = "tokenvending.lambda.AuthorizerHandler::handleRequest";

  private static final String CLIENT = Path.of("target", "runtime").toAbsolutePath() + "/*";

  private final RuntimeApiAtLoopback runtime;
  private final Process process;
  private final Path log;

  private BuiltFunction(RuntimeApiAtLoopback runtime, Process process, Path log) {
    this.runtime = runtime;
    this.process = process;
    this.log = log;
  }

  /** Unpacks the zip into a folder, as Lambda does. */
  static void unpack(Path folder) throws IOException {
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

  /** Starts a function from a folder with the unpacked zip. */
  static BuiltFunction start(Path folder, Map<String, String> environment, String handler)
      throws IOException {
    RuntimeApiAtLoopback runtime = new RuntimeApiAtLoopback();
    ProcessBuilder builder =
        new ProcessBuilder(
            ProcessHandle.current().info().command().orElseThrow(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
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
                // As Lambda says it to a function whose stack wants its log in JSON.
                "AWS_LAMBDA_LOG_FORMAT", "JSON",
                "TVM_USER_POOL_ID", "us-west-2_Example",
                "TVM_USER_POOL_CLIENT_ID", Upstream.AUDIENCE,
                "_HANDLER", handler));
    Path log = Files.createTempFile(Path.of("target"), "function", ".log");
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    return new BuiltFunction(runtime, builder.start(), log);
  }

  RuntimeApiAtLoopback runtime() {
    return runtime;
  }

  Process process() {
    return process;
  }

  Result invoke(JsonNode event) {
    return runtime.invoke(event.toString());
  }

  /** The response to an event, which must not be an error. */
  JsonNode answer(JsonNode event) throws IOException {
    Result result = invoke(event);
    if (!result.kind().equals("response")) {
      throw new AssertionError(result.toString());
    }
    return Events.JSON.readTree(result.body());
  }

  /** As Lambda does after each response. */
  void freeze() {
    StoreProcess.signal(process, "STOP");
  }

  /** As Lambda does before each event. */
  void thaw() {
    StoreProcess.signal(process, "CONT");
  }

  List<String> log() throws IOException {
    return Files.readAllLines(log);
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      var _ = process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    runtime.close();
  }
}
