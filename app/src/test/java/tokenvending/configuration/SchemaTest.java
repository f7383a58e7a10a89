package tokenvending.configuration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The reader and the schema are two readers of one description; a third party's validator judges.
 */
final class SchemaTest {
  private static final Path COMMITTED = Path.of("..", "tvm.schema.json");

  /** Run with {@code -Dtest.jvm.flags=-Dtvm.schema.write=true} to write the file anew. */
  private static final boolean WRITE = Boolean.getBoolean("tvm.schema.write");

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Schema SCHEMA =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
          .getSchema(JsonSchema.text());

  /** As an editor sees a file: by the YAML 1.2 core schema. */
  static List<Error> faults(String yaml) {
    Object loaded = new Load(LoadSettings.builder().build()).loadFromString(yaml);
    JsonNode json = JSON.valueToTree(loaded);
    return SCHEMA.validate(json);
  }

  @Test
  void the_committed_schema_is_the_one_that_the_keys_make() throws IOException {
    if (WRITE) {
      Files.writeString(COMMITTED, JsonSchema.text());
    }
    assertThat(Files.readString(COMMITTED)).isEqualTo(JsonSchema.text());
  }

  @Test
  void the_built_in_file_and_every_example_satisfy_it() throws IOException {
    List<String> files = new ArrayList<>(List.of(GoodFileTest.SMALLEST, BadFileTest.GOOD));
    try (InputStream in = SchemaTest.class.getResourceAsStream("default.yaml")) {
      files.add(new String(in.readAllBytes(), UTF_8));
    }
    for (Path example : ExamplesTest.examples()) {
      files.add(Files.readString(example));
    }
    assertThat(files).hasSizeGreaterThan(8);
    for (String file : files) {
      assertThat(Good.errors(file)).isEmpty();
      assertThat(faults(file)).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tokn: { ttl: 1h }",
        "token: { tll: 1h }",
        "token: { ttl: 60 }",
        "token: { ttl: 1d }",
        "token: { within-session: 1 }",
        "token: 1h",
        "parameters: { name: { max-length: many } }",
        "parameters: { name: { max-length: 0 } }",
        "parameters: { name: {} }",
        "limits: { per-caller: 30 }",
        "limits: { per-caller: 0/s }",
        "limits: { trusted-proxies: 10.0.0.1 }",
        "momento: { api-key: literal }",
        "momento: { token-service: token.example.com }",
        "momento: { budget: 5/d }",
        "state: disk",
        "max-instances: 0",
        "cors: {}",
        "cors: { allow-origins: chat }",
        "cors: { allow-origins: [\"https://chat.example.com/\"] }",
        "audit: { to: stderr }",
        "server: { port: 65536 }",
        "server: { tls: { certificate: file:cert.pem } }",
        "server: { management-port: [9090] }",
        "server: { demo-pages: \"true\" }",
      })
  void reader_and_schema_refuse_the_same_faults(String line) {
    String file = GoodFileTest.SMALLEST + line + "\n";

    assertThat(Good.errors(file)).isNotEmpty();
    assertThat(faults(file)).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "oidc: { issuer: \"https://a.example/\" }",
        "oidc: { issuer: \"https://a.example/\", audience: [] }",
        "oidc: { issuer: \"https://a.example/\", client-id: [] }",
        "oidc: { audience: chat }",
        "oidc: { issuer: \"https://a.example/\", audience: chat, required: \"yes\" }",
        "cognito: { required: 1 }",
      })
  void reader_and_schema_refuse_the_same_issuers(String issuer) {
    String file = "authentication: [ " + issuer + " ]\n" + RULES;

    assertThat(Good.errors(file)).isNotEmpty();
    assertThat(faults(file)).isNotEmpty();
    String good = file.replace(issuer, "oidc: { issuer: \"https://a.example/\", client-id: chat }");
    assertThat(Good.errors(good)).isEmpty();
    assertThat(faults(good)).isEmpty();
  }

  private static final String RULES =
      "rules: [ { id: a, permissions: [ { role: ReadWrite, cache: chat } ] } ]\n";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{ role: ReadWrit, cache: chat }",
        "{ role: ReadWrite }",
        "{ cache: chat }",
        "{ role: ReadWrite, cache: chat, key: k }",
        "{ role: ReadWrite, cache: chat, item: k }",
        "{ role: ReadWrite, cache: chat, item: { key: 1 } }",
        "{ role: SubscribeOnly, cache: chat, topic: { prefix: a, name: b } }",
        "{ role: SubscribeOnly, cache: chat, topic: [a] }",
        "{ role: SubscribeOnly, cache: 7, topic: a }",
        "ReadWrite",
      })
  void reader_and_schema_refuse_the_same_permissions(String permission) {
    String file =
        GoodFileTest.SMALLEST.replace("{ role: ReadWrite, cache: chat, item: all }", permission);

    assertThat(Good.errors(file)).isNotEmpty();
    assertThat(faults(file)).isNotEmpty();
  }
}
