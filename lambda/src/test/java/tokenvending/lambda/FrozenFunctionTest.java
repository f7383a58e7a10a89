package tokenvending.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tokenvending.authentication.Argon2Hash;
import tokenvending.secret.Secret;
import tokenvending.testing.DynamoDbProcess;

/**
 * The built zip as Lambda runs it: frozen with SIGSTOP from each response to the next event, beside
 * a table that is empty at first. What is under way with the issuer at a freeze fails.
 */
final class FrozenFunctionTest {
  private static final String RULES =
      """
      rules:
        - id: everybody
          permissions: [ { role: ReadOnly, cache: chat } ]
      """;

  @TempDir private static Path shared;
  private static DynamoDbProcess store;
  private static Path code = Path.of("");
  private static String users = "";

  private final Upstream upstream = new Upstream();

  @BeforeAll
  static void start() throws IOException {
    store = DynamoDbProcess.start(Files.createDirectory(shared.resolve("store")));
    code = Files.createDirectory(shared.resolve("code"));
    BuiltFunction.unpack(code);
    users =
        "ann: { hash: \"%s\" }\n"
            .formatted(Argon2Hash.of(Secret.of("right horse"), new SecureRandom()).text());
  }

  @AfterAll
  static void end() {
    store.close();
  }

  @BeforeEach
  void empty() {
    store.empty();
    upstream.secrets.put("users", users);
  }

  @AfterEach
  void stop() {
    upstream.close();
  }

  private BuiltFunction function(String methods, String handler) throws IOException {
    Map<String, String> environment =
        new HashMap<>(upstream.deployed(code, "authentication:\n" + methods + RULES));
    environment.putAll(store.environment());
    environment.put("TVM_STATE", "dynamodb:" + DynamoDbProcess.TABLE);
    return BuiltFunction.start(code, environment, handler);
  }

  enum Caller {
    GUEST,
    MEMBER,
    FORGER
  }

  static Stream<Arguments> stories() {
    return Stream.of(
        Arguments.of("open", List.of(Caller.GUEST, Caller.GUEST)),
        Arguments.of("password", List.of(Caller.MEMBER, Caller.FORGER, Caller.MEMBER)),
        Arguments.of("oidc", List.of(Caller.FORGER, Caller.MEMBER, Caller.MEMBER)),
        Arguments.of("cognito", List.of(Caller.MEMBER, Caller.FORGER, Caller.MEMBER)),
        Arguments.of(
            "guests",
            List.of(Caller.GUEST, Caller.MEMBER, Caller.FORGER, Caller.GUEST, Caller.MEMBER)),
        Arguments.of("guests", List.of(Caller.MEMBER, Caller.GUEST, Caller.MEMBER)),
        Arguments.of("guests", List.of(Caller.GUEST, Caller.FORGER, Caller.MEMBER)));
  }

  private String methods(String name) {
    return switch (name) {
      case "open" -> "  - open: {}\n";
      case "password" -> "  - password: { users: \"aws-secret:users\" }\n";
      case "oidc" -> upstream.oidc();
      case "cognito" -> upstream.cognito();
      case "guests" -> "  - open: {}\n" + upstream.oidc();
      default -> throw new IllegalArgumentException(name);
    };
  }

  private Map<String, String> headers(String name, Caller caller) {
    if (name.equals("password")) {
      String pair = caller == Caller.MEMBER ? "ann:right horse" : "ann:wrong horse";
      return Map.of(
          "Authorization", "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8)));
    }
    String jwt = name.equals("cognito") ? upstream.idToken("ann") : upstream.jwt("ann");
    return switch (caller) {
      case GUEST -> Map.of();
      case MEMBER -> Map.of("Authorization", "Bearer " + jwt);
      case FORGER -> Map.of("Authorization", "Bearer " + jwt + "x");
    };
  }

  @ParameterizedTest
  @MethodSource("stories")
  void every_caller_is_answered_whatever_happened_before_a_freeze(String name, List<Caller> callers)
      throws IOException {
    try (BuiltFunction function = function(methods(name), BuiltFunction.VEND)) {
      boolean authenticated = false;
      for (Caller caller : callers) {
        if (caller == Caller.GUEST && !authenticated) {
          upstream.holdKeys();
        }
        authenticated |= caller != Caller.GUEST;
        JsonNode answer = function.answer(Events.get(Map.of(), headers(name, caller)));
        function.freeze();
        upstream.dropHeldKeys();
        function.thaw();

        assertThat(answer.get("statusCode").asInt())
            .as(caller + ": " + answer + function.log())
            .isEqualTo(caller == Caller.FORGER ? 401 : 200);
      }
      assertThat(function.runtime().errors()).isZero();
    }
  }

  static Stream<Arguments> authorizers() {
    return Stream.of(
        Arguments.of("password", List.of(Caller.FORGER, Caller.MEMBER, Caller.FORGER)),
        Arguments.of("guests", List.of(Caller.GUEST, Caller.FORGER, Caller.MEMBER)));
  }

  @ParameterizedTest
  @MethodSource("authorizers")
  void an_authorizer_rejects_callers_without_an_error_of_the_function(
      String name, List<Caller> callers) throws IOException {
    try (BuiltFunction function = function(methods(name), BuiltFunction.AUTHORIZE)) {
      for (Caller caller : callers) {
        JsonNode answer = function.answer(Events.authorize(headers(name, caller)));
        function.freeze();
        function.thaw();

        assertThat(answer.at("/policyDocument/Statement/0/Effect").asText())
            .as(caller.toString())
            .isEqualTo(caller == Caller.FORGER ? "Deny" : "Allow");
      }
      assertThat(function.runtime().errors()).isZero();
    }
  }
}
