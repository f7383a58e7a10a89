package tokenvending.lambda;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.testing.contract.ContractExchange;
import tokenvending.testing.contract.HttpContract;

/** The contract over REST proxy events. */
final class ContractOverEventsTest implements HttpContract {
  @TempDir private static Path folder;
  private static Upstream upstream;
  private static VendHandler handler;

  @BeforeAll
  static void start() {
    upstream = new Upstream();
    Map<String, String> environment = upstream.deployed(folder, POLICY);
    handler =
        new VendHandler(
            environment,
            new ByteArrayOutputStream(),
            InstantSource.system(),
            SecretsAt.of(upstream.secrets));
    handler.connect(Duration.ofSeconds(30));
  }

  @AfterAll
  static void stop() {
    upstream.close();
  }

  @Override
  public ContractExchange.Answer send(ContractExchange exchange) {
    ObjectNode event =
        Events.proxy(
            exchange.method(),
            grouped(exchange.query()),
            grouped(exchange.headers()),
            exchange.body());
    ((ObjectNode) event.get("requestContext")).put("requestId", UUID.randomUUID().toString());
    JsonNode answer = Events.answer(handler, event);
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    answer
        .get("multiValueHeaders")
        .properties()
        .forEach(
            header ->
                header
                    .getValue()
                    .forEach(value -> headers.add(Map.entry(header.getKey(), value.asText()))));
    return new ContractExchange.Answer(
        answer.get("statusCode").asInt(), headers, answer.get("body").asText());
  }

  @Override
  public String requestIds() {
    return "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";
  }

  @Override
  public int minted() {
    return upstream.minted.get();
  }

  private static Map<String, List<String>> grouped(List<Map.Entry<String, String>> fields) {
    Map<String, List<String>> grouped = new LinkedHashMap<>();
    fields.forEach(
        field ->
            grouped
                .computeIfAbsent(field.getKey(), name -> new ArrayList<>())
                .add(field.getValue()));
    return grouped;
  }
}
