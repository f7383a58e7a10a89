package tokenvending.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import tokenvending.aws.JsonService.Response;
import tokenvending.text.Json;
import tokenvending.text.JsonObject;

/**
 * A DynamoDB table (API version 2012-08-10) with the five operations that the shared state uses. A
 * throttled request is sent a second time, and so is a read that fails at once. Throws {@link
 * Refused} for an error response, {@link UncheckedIOException} without a response, when it is
 * unknown whether the request had an effect, and {@link ClockIsOff} if the response shows that this
 * machine's clock is wrong. Thread-safe.
 */
final class Table implements AutoCloseable {
  private static final String API = "DynamoDB_20120810.";
  private static final String CONDITION_FAILED = "ConditionalCheckFailedException";

  /** No condition. */
  private static final String ALWAYS = "";

  /** The error codes that AWS's SDKs treat as throttling. */
  private static final Set<String> THROTTLING =
      Set.of(
          "LimitExceededException",
          "ProvisionedThroughputExceededException",
          "RequestLimitExceeded",
          "RequestThrottled",
          "RequestThrottledException",
          "Throttling",
          "ThrottledException",
          "ThrottlingException",
          "TooManyRequestsException",
          "TransactionInProgressException");

  private static final int TOO_MANY_REQUESTS = 429;

  private static final Set<String> READS = Set.of("GetItem", "Query");

  /** The pause before a throttled request is sent again. */
  private static final Duration PAUSE = Duration.ofMillis(25);

  /** The JVM's first compiler takes a method after 200 calls. */
  private static final int PRIMINGS = 300;

  /**
   * The consistency of a read: an eventually consistent one can miss a recent write, and costs
   * half.
   */
  enum Reading {
    CONSISTENT,
    CHEAP
  }

  /**
   * The values of an expression's placeholders.
   *
   * @param names those that begin with {@code #}
   * @param values those that begin with {@code :}
   */
  record Placeholders(Map<String, String> names, Map<String, AttributeValue> values) {
    static final Placeholders NONE = new Placeholders(Map.of(), Map.of());

    static Placeholders of(Map<String, AttributeValue> values) {
      return new Placeholders(Map.of(), values);
    }
  }

  /** The table returned an error. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String code;
    private final boolean throttled;

    Refused(String code, int status) {
      super("DynamoDB refused: " + code);
      this.code = code;
      this.throttled = Table.isThrottled(code, status);
    }

    /** AWS's error code. */
    String code() {
      return code;
    }

    /** Whether a later request can succeed. */
    boolean isThrottled() {
      return throttled;
    }
  }

  /**
   * This machine's clock is wrong. All counts rely on the instances' clocks, so it must not take
   * part.
   */
  static final class ClockIsOff extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private final String name;
  private final JsonService service;
  private final ClockCheck clockCheck;

  /** Does not connect. */
  Table(String name, JsonService service, ClockCheck clockCheck) {
    this.name = name;
    this.service = service;
    this.clockCheck = clockCheck;
  }

  /** Returns the item of a key; empty if there is none. */
  Map<String, AttributeValue> get(Map<String, AttributeValue> key, Reading reading) {
    JsonObject request = onKey(key).flag("ConsistentRead", reading == Reading.CONSISTENT);
    return call("GetItem", request).item();
  }

  /** Returns the items of a partition in order, up to a megabyte. */
  List<Map<String, AttributeValue>> query(String condition, Placeholders placeholders) {
    JsonObject request =
        request().flag("ConsistentRead", true).text("KeyConditionExpression", condition);
    return call("Query", with(placeholders, request)).items();
  }

  /** Counts the items of a partition that match a filter, among the first megabyte. */
  int count(String condition, String filter, Placeholders placeholders) {
    JsonObject request =
        request()
            .text("Select", "COUNT")
            .text("KeyConditionExpression", condition)
            .text("FilterExpression", filter);
    return call("Query", with(placeholders, request)).count();
  }

  void put(Map<String, AttributeValue> item) {
    var _ = put(item, ALWAYS, Placeholders.NONE);
  }

  /** Puts an item if the condition holds. Returns whether it did. */
  boolean put(Map<String, AttributeValue> item, String condition, Placeholders placeholders) {
    JsonObject request = request().object("Item", AttributeJson.write(item));
    return write("PutItem", request, condition, placeholders).held();
  }

  void update(Map<String, AttributeValue> key, String update, Placeholders placeholders) {
    var _ = update(key, update, ALWAYS, placeholders);
  }

  /** Updates an item if the condition holds. Returns whether it did. */
  boolean update(
      Map<String, AttributeValue> key, String update, String condition, Placeholders placeholders) {
    JsonObject request = onKey(key).text("UpdateExpression", update);
    return write("UpdateItem", request, condition, placeholders).held();
  }

  /**
   * The result of a conditional update.
   *
   * @param held whether the condition held and the item was changed
   * @param item the changed attributes; if the condition did not hold, the item as it is
   */
  record Changed(boolean held, Map<String, AttributeValue> item) {
    Changed {
      item = Map.copyOf(item);
    }
  }

  Changed change(
      Map<String, AttributeValue> key, String update, String condition, Placeholders placeholders) {
    JsonObject request =
        onKey(key)
            .text("UpdateExpression", update)
            .text("ReturnValues", "UPDATED_NEW")
            .text("ReturnValuesOnConditionCheckFailure", "ALL_OLD");
    Result result = write("UpdateItem", request, condition, placeholders);
    return new Changed(result.held(), result.item());
  }

  void delete(Map<String, AttributeValue> key) {
    var _ = delete(key, ALWAYS, Placeholders.NONE);
  }

  /** Deletes an item if the condition holds. Returns whether it did. */
  boolean delete(Map<String, AttributeValue> key, String condition, Placeholders placeholders) {
    return write("DeleteItem", onKey(key), condition, placeholders).held();
  }

  private JsonObject request() {
    return new JsonObject(512).text("TableName", name);
  }

  private JsonObject onKey(Map<String, AttributeValue> key) {
    return request().object("Key", AttributeJson.write(key));
  }

  /** Adds the placeholders; DynamoDB rejects empty members. */
  private static JsonObject with(Placeholders placeholders, JsonObject request) {
    if (!placeholders.names().isEmpty()) {
      JsonObject names = new JsonObject();
      placeholders.names().forEach(names::text);
      request.object("ExpressionAttributeNames", names);
    }
    return placeholders.values().isEmpty()
        ? request
        : request.object("ExpressionAttributeValues", AttributeJson.write(placeholders.values()));
  }

  private Result write(
      String operation, JsonObject request, String condition, Placeholders placeholders) {
    if (!condition.equals(ALWAYS)) {
      request.text("ConditionExpression", condition);
    }
    return call(operation, with(placeholders, request));
  }

  /**
   * The content of a response.
   *
   * @param held whether the condition held
   * @param item the requested item, or the changed attributes; empty if there is none
   */
  private record Result(
      boolean held,
      Map<String, AttributeValue> item,
      List<Map<String, AttributeValue>> items,
      int count) {}

  private Result call(String operation, JsonObject request) {
    byte[] body = request.utf8();
    try {
      Response response = send(operation, body);
      if (response.status() != 200 && isThrottled(response.error(), response.status())) {
        // Nothing was changed. The deadline is that of the step.
        LockSupport.parkNanos(PAUSE.toNanos());
        response = send(operation, body);
      }
      Result result = read(response);
      if (clockCheck.isOff()) {
        throw new ClockIsOff();
      }
      return result;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends a request, and a read that fails at once a second time. */
  private Response send(String operation, byte[] body) throws IOException {
    Instant sent = clockCheck.now();
    Response response =
        READS.contains(operation)
            ? service.callTwice(API + operation, body)
            : service.call(API + operation, body);
    response.date().ifPresent(date -> clockCheck.received(date, sent));
    return response;
  }

  /**
   * Writes, signs and reads an item so often that the JVM compiles it, before a snapshot. Sends
   * nothing.
   *
   * @throws IOException if no region is known
   */
  void prime(Map<String, AttributeValue> item) throws IOException {
    String body = new String(request().object("Item", AttributeJson.write(item)).utf8(), UTF_8);
    for (int i = 0; i < PRIMINGS; i++) {
      JsonObject request = onKey(item).text("UpdateExpression", "SET v = :v");
      JsonObject whole = with(Placeholders.of(item), request);
      service.primeSignature(API + "UpdateItem", whole.utf8());
      var _ = read(new Response(200, body, Optional.empty()));
    }
  }

  private static boolean isThrottled(String code, int status) {
    return status == TOO_MANY_REQUESTS || THROTTLING.contains(code);
  }

  private static Result read(Response response) throws IOException {
    boolean held = response.status() == 200;
    String error = held ? "" : response.error();
    if (!held && !error.equals(CONDITION_FAILED)) {
      // Also for a response from a proxy between this machine and the table.
      throw new Refused(error, response.status());
    }
    Json.Members members =
        Json.object(response.body()).orElseThrow(() -> new IOException("no JSON object"));
    Map<String, AttributeValue> item = Map.of();
    for (String name : List.of("Item", "Attributes")) {
      if (members.has(name)) {
        item = AttributeJson.read(members.find(name).orElseThrow());
      }
    }
    List<Map<String, AttributeValue>> items = new ArrayList<>();
    if (members.values().get("Items") instanceof Json.Items(List<Json> all)) {
      for (Json one : all) {
        items.add(AttributeJson.read(one));
      }
    }
    int count = 0;
    if (members.values().get("Count") instanceof Json.Numeral(String literal)) {
      count = Integer.parseInt(literal);
    }
    return new Result(held, item, items, count);
  }

  @Override
  public void close() {
    service.close();
  }
}
