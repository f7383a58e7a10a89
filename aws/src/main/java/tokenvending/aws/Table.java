package tokenvending.aws;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tokenvending.aws.JsonService.Answer;

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
  private final JsonFactory json = new JsonFactory();

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
            out -> {
              writeItem(out, "Key", key);
              out.writeBooleanField("ConsistentRead", reading == Reading.CONSISTENT);
            })
        .item();
  }

  /** The items of a partition, in order: all, where they are a megabyte together at most. */
  List<Map<String, AttributeValue>> query(String condition, Words words) {
    return told(
            "Query",
            out -> {
              out.writeBooleanField("ConsistentRead", true);
              out.writeStringField("KeyConditionExpression", condition);
              writeWords(out, words);
            })
        .items();
  }

  /** How many of a partition's items meet a filter, among so many as are a megabyte together. */
  int count(String condition, String filter, Words words) {
    return told(
            "Query",
            out -> {
              out.writeStringField("Select", "COUNT");
              out.writeStringField("KeyConditionExpression", condition);
              out.writeStringField("FilterExpression", filter);
              writeWords(out, words);
            })
        .count();
  }

  void put(Map<String, AttributeValue> item) {
    var _ = told("PutItem", out -> writeItem(out, "Item", item));
  }

  /** Whether the condition held, and so the item was put. */
  boolean put(Map<String, AttributeValue> item, String condition, Words words) {
    return told(
            "PutItem",
            out -> {
              writeItem(out, "Item", item);
              writeCondition(out, condition, words);
            })
        .held();
  }

  void update(Map<String, AttributeValue> key, String update, Words words) {
    var _ =
        told(
            "UpdateItem",
            out -> {
              writeItem(out, "Key", key);
              out.writeStringField("UpdateExpression", update);
              writeWords(out, words);
            });
  }

  /** Whether the condition held, and so the item was changed. */
  boolean update(Map<String, AttributeValue> key, String update, String condition, Words words) {
    return told(
            "UpdateItem",
            out -> {
              writeItem(out, "Key", key);
              out.writeStringField("UpdateExpression", update);
              writeCondition(out, condition, words);
            })
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
            out -> {
              writeItem(out, "Key", key);
              out.writeStringField("UpdateExpression", update);
              writeCondition(out, condition, words);
              out.writeStringField("ReturnValues", "UPDATED_NEW");
              out.writeStringField("ReturnValuesOnConditionCheckFailure", "ALL_OLD");
            });
    return new Changed(told.held(), told.item());
  }

  void delete(Map<String, AttributeValue> key) {
    var _ = told("DeleteItem", out -> writeItem(out, "Key", key));
  }

  /** Whether the condition held, and so there is none any more. */
  boolean delete(Map<String, AttributeValue> key, String condition, Words words) {
    return told(
            "DeleteItem",
            out -> {
              writeItem(out, "Key", key);
              writeCondition(out, condition, words);
            })
        .held();
  }

  // ------------------------------------------------------------------------------- on the wire

  /** The members of a question, but for the table's name. */
  @FunctionalInterface
  private interface Members {
    void write(JsonGenerator out) throws IOException;
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

  private Told told(String operation, Members members) {
    try {
      ByteArrayOutputStream question = new ByteArrayOutputStream(512);
      try (JsonGenerator out = json.createGenerator(question)) {
        out.writeStartObject();
        out.writeStringField("TableName", name);
        members.write(out);
        out.writeEndObject();
      }
      Instant sent = clockCheck.now();
      Answer answer = service.ask(API + operation, question.toByteArray());
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
    String code = "";
    Map<String, AttributeValue> item = Map.of();
    List<Map<String, AttributeValue>> items = new ArrayList<>();
    int count = 0;
    try (JsonParser in = json.createParser(answer.body())) {
      if (in.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("no JSON object");
      }
      while (in.nextToken() == JsonToken.FIELD_NAME) {
        String member = in.currentName();
        var _ = in.nextToken();
        switch (member) {
          // Before it stands a name space.
          case "__type" -> code = in.getText().substring(in.getText().indexOf('#') + 1);
          case "Item", "Attributes" -> item = AttributeJson.read(in);
          case "Items" -> {
            while (in.nextToken() != JsonToken.END_ARRAY) {
              items.add(AttributeJson.read(in));
            }
          }
          case "Count" -> count = in.getIntValue();
          default -> in.skipChildren();
        }
      }
    }
    boolean held = answer.status() == 200;
    if (!held && !code.equals(CONDITION_FAILED)) {
      throw refused(code, answer);
    }
    return new Told(held, item, items, count);
  }

  private static Refused refused(String code, Answer answer) {
    return new Refused(code.isEmpty() ? "status " + answer.status() : code, answer.status());
  }

  private static void writeItem(JsonGenerator out, String member, Map<String, AttributeValue> item)
      throws IOException {
    out.writeFieldName(member);
    AttributeJson.write(item, out);
  }

  private static void writeCondition(JsonGenerator out, String condition, Words words)
      throws IOException {
    out.writeStringField("ConditionExpression", condition);
    writeWords(out, words);
  }

  /** An empty member is an error to DynamoDB. */
  private static void writeWords(JsonGenerator out, Words words) throws IOException {
    if (!words.names().isEmpty()) {
      out.writeObjectFieldStart("ExpressionAttributeNames");
      for (Map.Entry<String, String> one : words.names().entrySet()) {
        out.writeStringField(one.getKey(), one.getValue());
      }
      out.writeEndObject();
    }
    if (!words.values().isEmpty()) {
      writeItem(out, "ExpressionAttributeValues", words.values());
    }
  }

  @Override
  public void close() {
    service.close();
  }
}
