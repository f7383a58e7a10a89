package tokenvending.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import tokenvending.configuration.AwsOptions;

/** Events as API Gateway makes them, with what a test changes. */
final class Events {
  static final ObjectMapper JSON = new ObjectMapper();
  static final String API = "a1b2c3d4e5";
  static final String STAGE = "prod";

  private Events() {}

  static ObjectNode proxy(
      String method,
      Map<String, List<String>> query,
      Map<String, List<String>> headers,
      String body) {
    ObjectNode event = common(method, headers);
    event.put("path", "/");
    ObjectNode many = event.putObject("multiValueQueryStringParameters");
    ObjectNode single = event.putObject("queryStringParameters");
    query.forEach(
        (name, values) -> {
          ArrayNode all = many.putArray(name);
          values.forEach(all::add);
          single.put(name, values.getLast());
        });
    event.putNull("pathParameters");
    event.putNull("stageVariables");
    if (body.isEmpty()) {
      event.putNull("body");
    } else {
      event.put("body", body);
    }
    event.put("isBase64Encoded", false);
    return event;
  }

  static ObjectNode get(Map<String, String> query, Map<String, String> headers) {
    return proxy("GET", each(query), each(headers), "");
  }

  /**
   * An event of payload format 2.0: values of a repeated header are joined, the query is as sent.
   */
  static ObjectNode payload2(
      AwsOptions.Front front,
      String method,
      List<Map.Entry<String, String>> query,
      List<Map.Entry<String, String>> headers,
      String body) {
    ObjectNode event = JSON.createObjectNode();
    event.put("version", "2.0");
    event.put("routeKey", method + " /");
    event.put("rawPath", "/");
    event.put(
        "rawQueryString",
        query.stream()
            .map(field -> encoded(field.getKey()) + "=" + encoded(field.getValue()))
            .collect(Collectors.joining("&")));
    ObjectNode sent = event.putObject("headers");
    headers.forEach(
        header ->
            sent.put(
                header.getKey(),
                sent.has(header.getKey())
                    ? sent.get(header.getKey()).asText() + "," + header.getValue()
                    : header.getValue()));
    ObjectNode context = event.putObject("requestContext");
    context.put("accountId", "anonymous");
    context.put("apiId", API);
    context.put(
        "domainName",
        API
            + (front == AwsOptions.Front.URL
                ? ".lambda-url.us-west-2.on.aws"
                : ".execute-api.us-west-2.amazonaws.com"));
    context.put("requestId", UUID.randomUUID().toString());
    context.put("stage", "$default");
    context
        .putObject("http")
        .put("method", method)
        .put("path", "/")
        .put("protocol", "HTTP/1.1")
        .put("sourceIp", "192.0.2.7");
    if (!body.isEmpty()) {
      event.put("body", body);
    }
    event.put("isBase64Encoded", false);
    return event;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8);
  }

  static ObjectNode authorize(Map<String, String> headers) {
    ObjectNode event = common("GET", each(headers));
    event.put("type", "REQUEST");
    event.put(
        "methodArn", "arn:aws:execute-api:us-west-2:123456789012:" + API + "/" + STAGE + "/GET/");
    return event;
  }

  private static ObjectNode common(String method, Map<String, List<String>> headers) {
    ObjectNode event = JSON.createObjectNode();
    event.put("resource", "/");
    event.put("httpMethod", method);
    ObjectNode many = event.putObject("multiValueHeaders");
    ObjectNode single = event.putObject("headers");
    headers.forEach(
        (name, values) -> {
          ArrayNode all = many.putArray(name);
          values.forEach(all::add);
          single.put(name, values.getLast());
        });
    ObjectNode context = event.putObject("requestContext");
    context.put("resourcePath", "/");
    context.put("httpMethod", method);
    context.put("path", "/" + STAGE + "/");
    context.put("accountId", "123456789012");
    context.put("stage", STAGE);
    context.put("apiId", API);
    context.put("requestId", "c6af9ac6-7b61-11e6-9a41-93e8deadbeef");
    context.putObject("identity").put("sourceIp", "192.0.2.7").putNull("userArn");
    return event;
  }

  private static Map<String, List<String>> each(Map<String, String> values) {
    return values.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> List.of(entry.getValue())));
  }

  static JsonNode answer(VendHandler handler, JsonNode event) {
    return answer(handler::handle, event);
  }

  static JsonNode answer(AuthorizerHandler handler, JsonNode event) {
    return answer(handler::handle, event);
  }

  private interface Handling {
    void handle(InputStream event, OutputStream answer) throws IOException;
  }

  private static JsonNode answer(Handling handler, JsonNode event) {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      handler.handle(new ByteArrayInputStream(event.toString().getBytes(UTF_8)), out);
      return JSON.readTree(out.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static JsonNode body(JsonNode answer) {
    try {
      return JSON.readTree(answer.get("body").asText());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
