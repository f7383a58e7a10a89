package tokenvending.lambda;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/**
 * A function in a process of its own, as the runtime makes it: one event after the other, and
 * everything it needs to know in its environment. It prints where it takes events.
 */
final class FunctionProcess implements AutoCloseable {
  private static final String READY = "ready: ";
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private final Process process;
  private final Path log;
  private final URI address;
  private final HttpClient client = HttpClient.newHttpClient();

  private FunctionProcess(Process process, Path log, URI address) {
    this.process = process;
    this.log = log;
    this.address = address;
  }

  /** Starts one; what it says goes into the file. */
  static FunctionProcess start(Map<String, String> environment, Path log) throws IOException {
    return start(FunctionProcess.class, environment, log);
  }

  /** Starts a program that takes events as this one does. */
  static FunctionProcess start(Class<?> program, Map<String, String> environment, Path log)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dio.netty.jfr.enabled=false",
            "-cp",
            System.getProperty("java.class.path"),
            program.getName());
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true);
    Process process = builder.start();
    BufferedReader out = process.inputReader();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith(READY)) {
        FunctionProcess made =
            new FunctionProcess(process, log, URI.create(line.substring(READY.length())));
        Thread.ofVirtual().start(() -> keep(out, log));
        return made;
      }
    }
    process.destroyForcibly();
    throw new AssertionError("it ended");
  }

  /** A full pipe would stop it. */
  private static void keep(BufferedReader out, Path log) {
    try {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        Files.writeString(log, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      }
    } catch (IOException e) {
      // It was killed.
    }
  }

  /** What the process does. */
  public static void main(String[] args) throws IOException {
    VendHandler handler = new VendHandler();
    serve(Executors.newSingleThreadExecutor(), handler::handle);
  }

  /** What a program makes of an event. */
  interface Handler {
    void handle(InputStream event, OutputStream answer) throws IOException;
  }

  /** Takes events from now on. */
  static void serve(Executor executor, Handler handler) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(executor);
    server.createContext(
        "/",
        exchange -> {
          ByteArrayOutputStream answer = new ByteArrayOutputStream();
          handler.handle(exchange.getRequestBody(), answer);
          exchange.sendResponseHeaders(200, answer.size());
          try (OutputStream body = exchange.getResponseBody()) {
            answer.writeTo(body);
          }
        });
    server.start();
    System.out.println(READY + "http://127.0.0.1:" + server.getAddress().getPort() + "/");
  }

  /** What it makes of an event; waits for those before it. */
  JsonNode answer(JsonNode event) {
    try {
      return Events.JSON.readTree(
          client
              .send(
                  HttpRequest.newBuilder(address)
                      .timeout(LONGEST)
                      .POST(HttpRequest.BodyPublishers.ofString(event.toString()))
                      .build(),
                  BodyHandlers.ofString())
              .body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Its log and its audit, line by line. */
  List<String> said() {
    try {
      return Files.exists(log) ? Files.readAllLines(log) : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** With SIGKILL. */
  void kill() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    kill();
  }
}
