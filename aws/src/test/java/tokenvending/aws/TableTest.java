package tokenvending.aws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.aws.AttributeValue.Many;
import tokenvending.aws.AttributeValue.Named;
import tokenvending.aws.AttributeValue.Text;
import tokenvending.aws.AttributeValue.Whole;
import tokenvending.aws.Table.Placeholders;
import tokenvending.aws.Table.Reading;

/** What the real one says seldom or never; what it says mostly is in the tests of the state. */
final class TableTest {
  private static final Map<String, AttributeValue> KEY = Items.key("somebody");

  private final HttpServer server;
  private final Table table;
  private volatile int status = 200;
  private volatile String answer = "{}";
  private volatile String question = "";
  private volatile int refusals = Integer.MAX_VALUE;
  private final AtomicInteger requests = new AtomicInteger();

  TableTest() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          question = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
          boolean over = requests.incrementAndGet() > refusals;
          byte[] body = (over ? "{}" : answer).getBytes(UTF_8);
          exchange.sendResponseHeaders(over ? 200 : status, body.length == 0 ? -1 : body.length);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
          }
        });
    server.start();
    table =
        AtLoopback.table(
            URI.create("http://127.0.0.1:" + server.getAddress().getPort()),
            InstantSource.system());
  }

  @AfterEach
  void stop() {
    table.close();
    server.stop(0);
  }

  @Test
  void kinds_of_no_use_to_us_are_passed_over() {
    answer =
        """
        {"ConsumedCapacity":{"Units":[1,{"a":2}]},"Item":{"a":{"S":"one"},"b":{"NULL":true},
        "c":{"NS":["1","2"]},"d":{"N":"1.5"},"e":{"L":[{"N":"-7"},{"NULL":true},{"M":{}}]}}}\
        """;

    assertThat(table.get(KEY, Reading.CONSISTENT))
        .containsOnly(
            Map.entry("a", new Text("one")),
            Map.entry("e", new Many(List.of(new Whole(-7), new Named(Map.of())))));
    assertThat(question).contains("\"ConsistentRead\":true", "{\"S\":\"somebody\"}");
  }

  @Test
  void priming_sends_nothing() throws IOException {
    table.prime(Map.of("pk", new Text("nobody"), "v", new Whole(1)));
    assertThat(requests).hasValue(0);
  }

  @Test
  void item_that_is_not_there_is_empty() {
    assertThat(table.get(KEY, Reading.CHEAP)).isEmpty();
    assertThat(question).contains("\"ConsistentRead\":false");
  }

  @ParameterizedTest
  @CsvSource({
    "400, com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException, true",
    "400, com.amazon.coral.availability#ThrottlingException, true",
    "429, SomethingNew, true",
    "400, com.amazonaws.dynamodb.v20120810#ResourceNotFoundException, false",
    "400, com.amazon.coral.service#ExpiredTokenException, false",
    "500, InternalServerError, false",
  })
  void refusals_tell_whether_to_ask_later(int said, String type, boolean later) {
    status = said;
    answer = "{\"__type\":\"" + type + "\",\"message\":\"hush\"}";

    Table.Refused refusal =
        catchThrowableOfType(Table.Refused.class, () -> table.get(KEY, Reading.CHEAP));

    assertThat(refusal.isThrottled()).isEqualTo(later);
    assertThat(refusal.code()).isEqualTo(type.substring(type.indexOf('#') + 1));
    assertThat(refusal).hasMessageNotContaining("hush");
  }

  @ParameterizedTest
  @CsvSource({
    "400, ThrottlingException, true, 2",
    "400, ThrottlingException, false, 2",
    "500, InternalServerError, true, 2",
    "500, InternalServerError, false, 1",
    "400, ResourceNotFoundException, true, 1",
  })
  void what_was_throttled_is_sent_once_more_and_so_is_a_read_that_failed(
      int said, String type, boolean read, int sent) {
    status = said;
    answer = "{\"__type\":\"" + type + "\"}";
    refusals = 1;
    ThrowingCallable request =
        read ? () -> table.get(KEY, Reading.CHEAP) : () -> table.put(Map.copyOf(KEY));

    if (sent == 2) {
      assertThatCode(request).doesNotThrowAnyException();
    } else {
      assertThatThrownBy(request).isInstanceOf(Table.Refused.class);
    }
    assertThat(requests).hasValue(sent);
  }

  @ParameterizedTest
  @CsvSource({
    "503, '', false",
    "503, <html>, false",
    "503, {}, false",
    "400, '{\"__type\":\"ConditionalCheckFailedException\",', false",
    "429, '', true",
  })
  void refusal_that_is_no_answer_of_a_table_tells_by_its_status(
      int said, String body, boolean later) {
    status = said;
    answer = body;

    Table.Refused refusal =
        catchThrowableOfType(
            Table.Refused.class,
            () -> table.put(KEY, "attribute_not_exists(pk)", Placeholders.NONE));

    assertThat(refusal.isThrottled()).isEqualTo(later);
    assertThat(refusal.code()).isEqualTo("status " + said);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "no JSON", "[]", "{\"Item\":[]}", "{\"Item\":{\"a\":7}}", "{\"Item\":"})
  void what_is_no_answer_is_none(String said) {
    answer = said;

    assertThatThrownBy(() -> table.get(KEY, Reading.CHEAP))
        .isInstanceOf(UncheckedIOException.class);
  }

  @Test
  void condition_that_does_not_hold_is_no_fault() {
    status = 400;
    answer =
        """
        {"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
        "message":"The conditional request failed","Item":{"f":{"N":"17"}}}\
        """;

    assertThat(table.put(KEY, "attribute_not_exists(pk)", Placeholders.NONE)).isFalse();
    assertThat(question).doesNotContain("ExpressionAttribute");
    assertThat(
            table.change(KEY, "SET f = :f", "f < :f", Placeholders.of(Map.of(":f", new Whole(3)))))
        .isEqualTo(new Table.Changed(false, Map.of("f", new Whole(17))));
    assertThat(question).contains("\"ExpressionAttributeValues\":{\":f\":{\"N\":\"3\"}}");
  }

  @Test
  void change_returns_what_was_changed() {
    answer =
        """
        {"Attributes":{"f":{"N":"18"}}}\
        """;

    assertThat(
            table.change(KEY, "SET f = :f", "f < :f", Placeholders.of(Map.of(":f", new Whole(18)))))
        .isEqualTo(new Table.Changed(true, Map.of("f", new Whole(18))));
  }
}
