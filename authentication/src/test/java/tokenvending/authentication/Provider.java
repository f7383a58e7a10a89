package tokenvending.authentication;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** An HTTP server on loopback that says what it is told to, and counts who asked. */
final class Provider implements AutoCloseable {
  static final String KEYS = "/keys";
  static final String DISCOVERY = "/.well-known/openid-configuration";

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, HttpHandler> handlers = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> requests = new ConcurrentHashMap<>();

  private Provider(HttpServer server) {
    this.server = server;
  }

  static Provider start() {
    return startOn(0);
  }

  static Provider startOn(int port) {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 50);
      Provider provider = new Provider(server);
      server.setExecutor(provider.threads);
      server.createContext("/", provider::handle);
      server.start();
      return provider;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  int port() {
    return server.getAddress().getPort();
  }

  String issuer() {
    return "http://127.0.0.1:" + port();
  }

  URI at(String path) {
    return URI.create(issuer() + path);
  }

  void answers(String path, String body) {
    answers(path, 200, body);
  }

  void answers(String path, int status, String body) {
    handlers.put(path, exchange -> send(exchange, status, body));
  }

  void redirects(String path, URI to) {
    handlers.put(
        path,
        exchange -> {
          exchange.getResponseHeaders().set("Location", to.toString());
          send(exchange, 302, "");
        });
  }

  void does(String path, HttpHandler handler) {
    handlers.put(path, handler);
  }

  int requestsTo(String path) {
    AtomicInteger count = requests.get(path);
    return count == null ? 0 : count.get();
  }

  int requests() {
    return requests.values().stream().mapToInt(AtomicInteger::get).sum();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    if (bytes.length > 0) {
      exchange.getResponseBody().write(bytes);
    }
    exchange.close();
  }

  private void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    requests.computeIfAbsent(path, missing -> new AtomicInteger()).incrementAndGet();
    HttpHandler handler = handlers.get(path);
    if (handler == null) {
      send(exchange, 404, "");
    } else {
      handler.handle(exchange);
    }
  }
}
