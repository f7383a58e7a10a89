package tokenvending.lambda;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.configuration.AwsOptions.Front;
import tokenvending.testing.contract.ContractExchange;
import tokenvending.testing.contract.HttpContract;

/** The contract over events of an HTTP API; those of a function URL have the same format. */
final class ContractOverPayload2Test implements HttpContract {
  @TempDir private static Path folder;
  private static Upstream upstream;
  private static VendHandler handler;

  @BeforeAll
  static void start() {
    upstream = new Upstream();
    Map<String, String> environment = upstream.deployed(folder, POLICY + "aws: { front: http }\n");
    environment.put("TVM_STAGE", "$default");
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
    JsonNode answer =
        Events.answer(
            handler,
            Events.payload2(
                Front.HTTP,
                exchange.method(),
                exchange.query(),
                exchange.headers(),
                exchange.body()));
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    answer
        .get("headers")
        .properties()
        .forEach(header -> headers.add(Map.entry(header.getKey(), header.getValue().asText())));
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
}
