package tokenvending.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.Server;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import tokenvending.testing.Await;
import tokenvending.testing.Upstream;

/**
 * Momento's token service as far as a vend goes, at a loopback port: records the key of each
 * request, and mints for the keys that it is told to take.
 */
public final class TokenServiceAtLoopback implements AutoCloseable {
  private final Server server;
  private final List<String> keys = new CopyOnWriteArrayList<>();
  private final Upstream calls = new Upstream();
  private volatile Set<String> accepted = Set.of("one");
  private volatile CompletableFuture<Void> gate = CompletableFuture.completedFuture(null);

  TokenServiceAtLoopback() {
    server =
        Server.builder()
            .http(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .service(
                "/token.Token/GenerateDisposableToken",
                (context, request) ->
                    HttpResponse.of(
                        request
                            .aggregate()
                            .thenCompose(
                                whole -> {
                                  String key = key(whole.content());
                                  keys.add(key);
                                  calls.arrive();
                                  return gate.thenApply(opened -> answer(key));
                                })))
            .gracefulShutdownTimeout(Duration.ZERO, Duration.ZERO)
            .build();
    server.start().join();
  }

  String uri() {
    return "http://127.0.0.1:" + server.activeLocalPort();
  }

  /** An API key in v1 form, good here when its inner key is accepted. */
  static String apiKey(String inner) {
    String json = "{\"endpoint\":\"cell.example.com\",\"api_key\":\"" + inner + "\"}";
    return Base64.getEncoder().encodeToString(json.getBytes(UTF_8));
  }

  public void accept(String... inner) {
    accepted = Set.of(inner);
  }

  /** Requests wait, from now on, until the gate that is returned is completed. */
  CompletableFuture<Void> hold() {
    CompletableFuture<Void> closed = new CompletableFuture<>();
    gate = closed;
    return closed;
  }

  /** The keys of all requests so far. */
  List<String> keys() {
    return List.copyOf(keys);
  }

  /** The most requests in any sliding second so far. */
  int mostInASecond() {
    return calls.mostInASecond();
  }

  private HttpResponse answer(String key) {
    ResponseHeaders headers =
        ResponseHeaders.builder(200).add("content-type", "application/grpc+proto").build();
    return accepted.contains(key)
        ? HttpResponse.of(headers, HttpData.wrap(message()), HttpHeaders.of("grpc-status", "0"))
        : HttpResponse.of(headers, HttpData.empty(), HttpHeaders.of("grpc-status", "16"));
  }

  private static byte[] message() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      out.writeString(1, "inner-token");
      out.writeString(2, "cell.example.com");
      out.writeUInt64(3, Instant.now().getEpochSecond() + 600);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    byte[] message = bytes.toByteArray();
    return ByteBuffer.allocate(5 + message.length)
        .put((byte) 0)
        .putInt(message.length)
        .put(message)
        .array();
  }

  private static String key(HttpData framed) {
    try {
      byte[] bytes = framed.array();
      CodedInputStream in = CodedInputStream.newInstance(bytes, 5, bytes.length - 5);
      while (!in.isAtEnd()) {
        int tag = in.readTag();
        if (WireFormat.getTagFieldNumber(tag) == 2) {
          return in.readString();
        }
        in.skipField(tag);
      }
      return "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    gate.complete(null);
    // Its future is of no use: it ends two seconds after everything is closed.
    var _ = server.stop();
    Await.until(
        "it is closed", () -> server.activePorts().isEmpty() && server.numConnections() == 0);
  }
}
