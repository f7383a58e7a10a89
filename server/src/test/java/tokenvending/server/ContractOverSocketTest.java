package tokenvending.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.testing.contract.ContractExchange;
import tokenvending.testing.contract.HttpContract;

/** The contract over a real socket. What only a socket can show is in {@link ContractTest}. */
final class ContractOverSocketTest implements HttpContract {
  @TempDir private static Path folder;
  private static Vendor vendor;

  @BeforeAll
  static void start() {
    vendor = Vendor.start(folder, POLICY);
  }

  @AfterAll
  static void stop() {
    vendor.close();
  }

  @Override
  public ContractExchange.Answer send(ContractExchange exchange) {
    String query =
        exchange.query().stream()
            .map(
                field ->
                    URLEncoder.encode(field.getKey(), UTF_8)
                        + "="
                        + URLEncoder.encode(field.getValue(), UTF_8))
            .collect(Collectors.joining("&"));
    StringBuilder request = new StringBuilder(exchange.method() + " /");
    if (!query.isEmpty()) {
      request.append('?').append(query);
    }
    request.append(" HTTP/1.1\r\nHost: localhost\r\n");
    exchange
        .headers()
        .forEach(header -> request.append(header.getKey() + ": " + header.getValue() + "\r\n"));
    byte[] body = exchange.body().getBytes(UTF_8);
    if (body.length > 0 || exchange.method().equals("POST")) {
      request.append("Content-Length: " + body.length + "\r\n");
    }
    request.append("\r\n").append(new String(body, ISO_8859_1));
    Answer answer = vendor.ask(request.toString());
    List<Map.Entry<String, String>> headers =
        answer.headers().stream()
            .map(line -> line.split(": ", 2))
            .map(pair -> Map.entry(pair[0], pair[1]))
            .toList();
    return new ContractExchange.Answer(
        answer.status(), headers, new String(answer.body().getBytes(ISO_8859_1), UTF_8));
  }

  @Override
  public int minted() {
    return vendor.minted();
  }
}
