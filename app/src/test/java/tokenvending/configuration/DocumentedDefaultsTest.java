package tokenvending.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Compares the column "Default" of {@code docs/reference/configuration-keys.md} with the reader.
 */
final class DocumentedDefaultsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path PAGE = Path.of("../docs/reference/configuration-keys.md");
  private static final Pattern ROW =
      Pattern.compile(
          "^\\| `([^`]+)` \\| .*? \\| ([^|]*) \\| [^|]*(?:\\\\\\|[^|]*)* \\|$", Pattern.MULTILINE);
  private static final Pattern LITERAL = Pattern.compile("`([^`$]+)`(;.*)?");

  /** A file with the required keys, in JSON, which is YAML. */
  private static final String FILE =
      """
      {
        "authentication": [],
        "parameters": {"room": {"max-length": 64}},
        "rules": [
          {"id": "all", "permissions": [{"role": "ReadOnly", "cache": "chat", "item": "all"}]}
        ],
        "aws": {
          "domain": {
            "name": "tokens.example.com",
            "certificate": "arn:aws:acm:us-west-2:111122223333:certificate/1"
          },
          "throttle": {"rate": 1, "burst": 1}
        }
      }
      """;

  private static final Map<String, String> METHODS =
      Map.of(
          "oidc",
          """
          [{"oidc": {"issuer": "https://login.example.com/", "audience": "web"}}]
          """,
          "cognito",
          """
          [{"cognito": {"region": "us-west-2", "user-pool-id": "us-west-2_AbCdEf", "client-id": "a1"}}]
          """,
          "password",
          """
          [{"password": {"users": "file:users.yaml"}}]
          """);

  private record Row(String key, String value) {}

  private static List<Row> rows() throws IOException {
    return ROW.matcher(Files.readString(PAGE))
        .results()
        .map(row -> new Row(row.group(1), row.group(2)))
        .toList();
  }

  @TestFactory
  Stream<DynamicTest> a_key_with_its_default_means_the_same_as_no_key() throws IOException {
    return rows().stream()
        .filter(row -> LITERAL.matcher(row.value()).matches() && !isList(row))
        .map(row -> dynamicTest(row.key(), () -> assertIsDefault(row)));
  }

  @TestFactory
  Stream<DynamicTest> a_required_key_cannot_be_left_out() throws IOException {
    return rows().stream()
        .filter(row -> row.value().equals("required"))
        .map(row -> dynamicTest(row.key(), () -> assertIsRequired(row)));
  }

  @Test
  void the_page_has_defaults_and_required_keys() throws IOException {
    assertThat(rows()).anySatisfy(row -> assertThat(row.value()).isEqualTo("`8080`"));
    assertThat(rows())
        .filteredOn(row -> LITERAL.matcher(row.value()).matches())
        .hasSizeGreaterThan(15);
    assertThat(rows()).filteredOn(row -> row.value().equals("required")).hasSizeGreaterThan(10);
  }

  /** An empty list or section is not the value of a key: the key is left out. */
  private static boolean isList(Row row) {
    return row.value().startsWith("`[]`") || row.value().startsWith("`{}`");
  }

  private static void assertIsDefault(Row row) throws JsonProcessingException {
    JsonNode file = file(row);
    var literal = LITERAL.matcher(row.value());
    assertThat(literal.matches()).isTrue();
    parent(file, row.key()).set(name(row.key()), value(literal.group(1)));
    assertThat(read(file)).usingRecursiveComparison().isEqualTo(read(file(row)));
  }

  private static void assertIsRequired(Row row) throws JsonProcessingException {
    JsonNode file = file(row);
    parent(file, row.key()).remove(name(row.key()));
    assertThat(ConfigurationReader.parse(file.toString(), "tvm.yaml", Path.of("")))
        .isInstanceOf(ConfigurationResult.Unusable.class);
  }

  /** The file, with the authentication method that the key belongs to. */
  private static JsonNode file(Row row) throws JsonProcessingException {
    String method =
        METHODS.keySet().stream()
            .filter(one -> row.key().startsWith("authentication[]." + one))
            .findFirst()
            .orElse("oidc");
    ObjectNode file = (ObjectNode) JSON.readTree(FILE);
    return file.set("authentication", JSON.readTree(METHODS.get(method)));
  }

  private static Configuration read(JsonNode file) {
    return Good.configuration(file.toString());
  }

  private static JsonNode value(String text) throws JsonProcessingException {
    return text.matches("true|false|[0-9]+|\\{.*")
        ? JSON.readTree(text.replaceAll("\\b([a-z]+)\\b(?=:| })", "\"$1\""))
        : JSON.valueToTree(text);
  }

  private static String name(String key) {
    return key.substring(key.lastIndexOf('.') + 1);
  }

  /** The section that holds a key such as {@code authentication[].oidc.issuer}. */
  private static ObjectNode parent(JsonNode file, String key) {
    JsonNode at = file;
    List<String> names = List.of(key.replace("[]", ".NAME").split("\\."));
    for (String name : names.subList(0, names.size() - 1)) {
      if (name.equals("NAME")) {
        at = at.elements().next();
      } else {
        at = at.has(name) ? at.get(name) : ((ObjectNode) at).putObject(name);
      }
    }
    return (ObjectNode) at;
  }
}
