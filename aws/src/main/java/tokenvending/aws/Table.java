package tokenvending.aws;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tokenvending.aws.JsonService.Answer;
import tokenvending.text.Json;
import tokenvending.text.JsonObject;

/**
 * One table of DynamoDB (API version 2012-08-10), in the five operations that ours takes. Each is
 * sent once. Throws {@link Refused} where the table refuses for a reason of its own, {@link
 * UncheckedIOException} where there is no answer, so that it may have been done or not, and {@link
 * ClockIsOff} where the answer says that it is another time there.
 */
final class Table implements AutoCloseable {
  private static final String API = "DynamoDB_20120810.";
  private static final String CONDITION_FAILED = "ConditionalCheckFailedException";

  /** As AWS's SDKs know them. */
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

  /** Whether a reading may miss what was written a moment ago, for half the price. */
  enum Reading {
    CONSISTENT,
    CHEAP
  }

  /**
   * What the words of an expression stand for.
   *
   * @param names those that begin with {@code #}
   * @param values those that begin with {@code :}
   */
  record Words(Map<String, String> names, Map<String, AttributeValue> values) {
    static final Words NONE = new Words(Map.of(), Map.of());

    static Words of(Map<String, AttributeValue> values) {
      return new Words(Map.of(), values);
    }
  }

  /** The table said no, and why. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String code;
    private final boolean throttled;

    Refused(String code, int status) {
      super("DynamoDB refused: " + code);
      this.code = code;
      this.throttled = status == TOO_MANY_REQUESTS || THROTTLING.contains(code);
    }

    /** AWS's own word for it. */
    String code() {
      return code;
    }

    /** Whether it wants to be asked later. */
    boolean isThrottled() {
      return throttled;
    }
  }

  /** All is counted by the clocks of the instances: one that is wrong must not take part. */
  static final class ClockIsOff extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private final String name;
  private final JsonService service;
  private final ClockCheck clockCheck;

  /** Connects nothing yet. */
  Table(String name, JsonService service, ClockCheck clockCheck) {
    this.name = name;
    this.service = service;
    this.clockCheck = clockCheck;
  }

  /** Empty where there is none. */
  Map<String, AttributeValue> get(Map<String, AttributeValue> key, Reading reading) {
    return told(
            "GetItem",
            question()
                .object("Key", AttributeJson.write(key))
                .flag("ConsistentRead", reading == Reading.CONSISTENT))
        .item();
  }

  /** The items of a partition, in order: all, where they are a megabyte together at most. */
  List<Map<String, AttributeValue>> query(String condition, Words words) {
    return told(
            "Query",
            with(
                words,
                question().flag("ConsistentRead", true).text("KeyConditionExpression", condition)))
        .items();
  }

  /** How many of a partition's items meet a filter, among so many as are a megabyte together. */
  int count(String condition, String filter, Words words) {
    return told(
            "Query",
            with(
                words,
                question()
                    .text("Select", "COUNT")
                    .text("KeyConditionExpression", condition)
                    .text("FilterExpression", filter)))
        .count();
  }

  void put(Map<String, AttributeValue> item) {
    var _ = told("PutItem", question().object("Item", AttributeJson.write(item)));
  }

  /** Whether the condition held, and so the item was put. */
  boolean put(Map<String, AttributeValue> item, String condition, Words words) {
    return told(
            "PutItem",
            with(
                words,
                question()
                    .object("Item", AttributeJson.write(item))
                    .text("ConditionExpression", condition)))
        .held();
  }

  void update(Map<String, AttributeValue> key, String update, Words words) {
    var _ =
        told(
            "UpdateItem",
            with(
                words,
                question()
                    .object("Key", AttributeJson.write(key))
                    .text("UpdateExpression", update)));
  }

  /** Whether the condition held, and so the item was changed. */
  boolean update(Map<String, AttributeValue> key, String update, String condition, Words words) {
    return told(
            "UpdateItem",
            with(
                words,
                question()
                    .object("Key", AttributeJson.write(key))
                    .text("UpdateExpression", update)
                    .text("ConditionExpression", condition)))
        .held();
  }

  /**
   * What came of a change on a condition.
   *
   * @param held whether the condition held, and so the item was changed
   * @param item what was changed of it; where the condition did not hold, the item as it is
   */
  record Changed(boolean held, Map<String, AttributeValue> item) {
    Changed {
      item = Map.copyOf(item);
    }
  }

  Changed change(Map<String, AttributeValue> key, String update, String condition, Words words) {
    Told told =
        told(
            "UpdateItem",
            with(
                    words,
                    question()
                        .object("Key", AttributeJson.write(key))
                        .text("UpdateExpression", update)
                        .text("ConditionExpression", condition))
                .text("ReturnValues", "UPDATED_NEW")
                .text("ReturnValuesOnConditionCheckFailure", "ALL_OLD"));
    return new Changed(told.held(), told.item());
  }

  void delete(Map<String, AttributeValue> key) {
    var _ = told("DeleteItem", question().object("Key", AttributeJson.write(key)));
  }

  /** Whether the condition held, and so there is none any more. */
  boolean delete(Map<String, AttributeValue> key, String condition, Words words) {
    return told(
            "DeleteItem",
            with(
                words,
                question()
                    .object("Key", AttributeJson.write(key))
                    .text("ConditionExpression", condition)))
        .held();
  }

  // ------------------------------------------------------------------------------- on the wire

  private JsonObject question() {
    return new JsonObject(512).text("TableName", name);
  }

  /** An empty member is an error to DynamoDB. */
  private static JsonObject with(Words words, JsonObject question) {
    if (!words.names().isEmpty()) {
      JsonObject names = new JsonObject();
      words.names().forEach(names::text);
      question.object("ExpressionAttributeNames", names);
    }
    return words.values().isEmpty()
        ? question
        : question.object("ExpressionAttributeValues", AttributeJson.write(words.values()));
  }

  /**
   * What an answer said.
   *
   * @param held whether the condition did
   * @param item that of which the question was, or what was changed of it; empty where there is
   *     none
   */
  private record Told(
      boolean held,
      Map<String, AttributeValue> item,
      List<Map<String, AttributeValue>> items,
      int count) {}

  private Told told(String operation, JsonObject question) {
    try {
      Instant sent = clockCheck.now();
      Answer answer = service.ask(API + operation, question.utf8());
      answer.date().ifPresent(date -> clockCheck.heard(date, sent));
      Told told = read(answer);
      if (clockCheck.isOff()) {
        throw new ClockIsOff();
      }
      return told;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What no table said, but something on the way to it, is refused by its status alone. */
  private Told read(Answer answer) throws IOException {
    try {
      return readJson(answer);
    } catch (IOException e) {
      if (answer.status() == 200) {
        throw e;
      }
      throw refused("", answer);
    }
  }

  private Told readJson(Answer answer) throws IOException {
    Json.Members members =
        Json.object(answer.body()).orElseThrow(() -> new IOException("no JSON object"));
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
    // Before it stands a name space.
    String type = members.text("__type").orElse("");
    String code = type.substring(type.indexOf('#') + 1);
    boolean held = answer.status() == 200;
    if (!held && !code.equals(CONDITION_FAILED)) {
      throw refused(code, answer);
    }
    return new Told(held, item, items, count);
  }

  private static Refused refused(String code, Answer answer) {
    return new Refused(code.isEmpty() ? "status " + answer.status() : code, answer.status());
  }

  @Override
  public void close() {
    service.close();
  }
}
