package tokenvending.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** AWS's Runtime API as far as one function goes: hands events out, takes results in. */
final class RuntimeApiAtLoopback implements AutoCloseable {
  private static final String PREFIX = "/2018-06-01/runtime/";

  /** What a function said of an event; {@code kind} is response, error, or init for the start. */
  record Result(String kind, String errorType, String body) {}

  private record Event(String id, String body) {}

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final Map<String, BlockingQueue<Result>> results = new ConcurrentHashMap<>();
  private final BlockingQueue<Result> starts = new LinkedBlockingQueue<>();
  private final AtomicInteger errors = new AtomicInteger();

  RuntimeApiAtLoopback() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext(PREFIX, this::handle);
    server.start();
  }

  String authority() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /** Hands an event out and waits for what is said of it. */
  Result invoke(String event) {
    String id = UUID.randomUUID().toString();
    BlockingQueue<Result> result = new LinkedBlockingQueue<>();
    results.put(id, result);
    events.add(new Event(id, event));
    return take(result);
  }

  /** How many invocations Lambda would count as errors. */
  int errors() {
    return errors.get();
  }

  /** What a function says that cannot start. */
  Result failedStart() {
    return take(starts);
  }

  private static Result take(BlockingQueue<Result> results) {
    try {
      Result result = results.poll(30, TimeUnit.SECONDS);
      if (result == null) {
        throw new AssertionError("nothing was said within half a minute");
      }
      return result;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    String[] path = exchange.getRequestURI().getPath().substring(PREFIX.length()).split("/", -1);
    if (path[1].equals("next")) {
      next(exchange);
      return;
    }
    byte[] body;
    try (InputStream in = exchange.getRequestBody()) {
      body = in.readAllBytes();
    }
    String type = exchange.getRequestHeaders().getFirst("Lambda-Runtime-Function-Error-Type");
    Result result =
        new Result(
            path[0].equals("init") ? "init" : path[2],
            type == null ? "" : type,
            new String(body, UTF_8));
    if (result.kind().equals("error")) {
      errors.incrementAndGet();
    }
    if (path[0].equals("init")) {
      starts.add(result);
    } else {
      results.getOrDefault(path[1], starts).add(result);
    }
    // The limit of AWS's own API.
    boolean tooLarge = body.length > 6 * 1024 * 1024 + 100;
    exchange.sendResponseHeaders(tooLarge ? 413 : 202, -1);
    exchange.close();
  }

  private void next(HttpExchange exchange) throws IOException {
    try {
      Event event = events.take();
      exchange.getResponseHeaders().add("Lambda-Runtime-Aws-Request-Id", event.id());
      exchange
          .getResponseHeaders()
          .add(
              "Lambda-Runtime-Deadline-Ms",
              String.valueOf(Instant.now().plus(Duration.ofSeconds(15)).toEpochMilli()));
      exchange
          .getResponseHeaders()
          .add(
              "Lambda-Runtime-Invoked-Function-Arn",
              "arn:aws:lambda:us-west-2:123456789012:function:vend:live");
      // AWS's client falls over without these two.
      exchange.getResponseHeaders().add("Content-Type", "application/json");
      exchange
          .getResponseHeaders()
          .add("Lambda-Runtime-Trace-Id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0");
      byte[] body = event.body().getBytes(UTF_8);
      exchange.sendResponseHeaders(200, body.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    } catch (InterruptedException e) {
      exchange.close();
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
