import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerPort;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManagerFactory;

/**
 * Momento's token service at its fastest, over TLS, and the bare HTTP engine beside it: the one answers every call at once with a
 * token of the life that was asked for, the other a constant of a vend's size. Shares no code with the machine.
 *
 * <p>{@code java -cp JARS-OF-ARMERIA benchmarks/engine/TokenService.java KEY-STORE PASSWORD} prints {@code ready: PORT engine: URL},
 * and ends when its standard input does.
 */
final class TokenService {
  private static final String ENDPOINT = "cell.bench.example.com";
  private static final String FILLING = "k".repeat(400);

  private TokenService() {}

  public static void main(String[] args) throws Exception {
    char[] password = args[1].toCharArray();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(Path.of(args[0]))) {
      keys.load(in, password);
    }
    KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    own.init(keys, password);
    AtomicLong count = new AtomicLong();
    ResponseHeaders grpc = ResponseHeaders.builder(200).contentType(MediaType.parse("application/grpc")).build();
    HttpHeaders ok = HttpHeaders.of("grpc-status", "0");
    HttpData constant = HttpData.wrap("{\"authToken\":\"%s\"}".formatted("k".repeat(880)).getBytes(StandardCharsets.US_ASCII));
    Server server =
        Server.builder()
            .port(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), SessionProtocol.HTTPS)
            .port(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), SessionProtocol.HTTP)
            .tls(own)
            .http2MaxStreamsPerConnection(10_000)
            .service(
                "/token.Token/GenerateDisposableToken",
                (context, request) ->
                    HttpResponse.of(
                        request
                            .aggregate()
                            .thenApply(
                                whole ->
                                    HttpResponse.of(
                                        grpc, frame(answer(life(whole.content().array()), count.incrementAndGet())), ok))))
            .service("/constant", (context, request) -> HttpResponse.of(HttpStatus.OK, MediaType.JSON, constant))
            .build();
    server.start().join();
    int tls = port(server, SessionProtocol.HTTPS);
    System.out.println("ready: " + tls + " engine: http://127.0.0.1:" + port(server, SessionProtocol.HTTP) + "/constant");
    while (System.in.read() >= 0) {}
    System.exit(0);
  }

  private static int port(Server server, SessionProtocol protocol) {
    return server.activePorts().values().stream()
        .filter(port -> port.protocols().contains(protocol))
        .map(ServerPort::localAddress)
        .mapToInt(InetSocketAddress::getPort)
        .findFirst()
        .orElseThrow();
  }

  /** The request begins with its field 1, the life, whose field 1 is the seconds: five bytes of gRPC, then two tags. */
  private static long life(byte[] message) {
    long seconds = 0;
    for (int i = 8, shift = 0; ; i++, shift += 7) {
      seconds |= (long) (message[i] & 0x7f) << shift;
      if (message[i] >= 0) {
        return seconds;
      }
    }
  }

  private static byte[] answer(long seconds, long number) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(600);
    text(out, 1, "bench-" + number + "-" + FILLING);
    text(out, 2, ENDPOINT);
    out.write(3 << 3);
    varint(out, System.currentTimeMillis() / 1000 + seconds);
    return out.toByteArray();
  }

  private static void text(ByteArrayOutputStream out, int field, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    out.write(field << 3 | 2);
    varint(out, bytes.length);
    out.writeBytes(bytes);
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    long left = value;
    while (left > 0x7f) {
      out.write((int) (left & 0x7f | 0x80));
      left >>>= 7;
    }
    out.write((int) left);
  }

  private static HttpData frame(byte[] message) {
    byte[] framed = new byte[message.length + 5];
    framed[3] = (byte) (message.length >> 8);
    framed[4] = (byte) message.length;
    System.arraycopy(message, 0, framed, 5, message.length);
    return HttpData.wrap(framed);
  }
}
