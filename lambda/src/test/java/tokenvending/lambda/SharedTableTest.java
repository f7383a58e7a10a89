package tokenvending.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.testing.Await;
import tokenvending.testing.DynamoDbProcess;

/**
 * Several functions, each a process of its own, and a server, by the table that a deployment makes.
 * The token service's own count is the judge.
 */
final class SharedTableTest {
  private static final JsonNode EVENT = Events.get(Map.of(), Map.of());

  @TempDir private static Path folderOfStore;
  private static DynamoDbProcess store;

  @TempDir private Path folder;
  private final Upstream upstream = new Upstream();

  @BeforeAll
  static void start() {
    store = DynamoDbProcess.start(folderOfStore);
  }

  @AfterAll
  static void end() {
    store.close();
  }

  @BeforeEach
  void empty() {
    store.empty();
  }

  @AfterEach
  void stop() {
    upstream.close();
  }

  private FunctionProcess function(String name, String reuse) throws IOException {
    return process(FunctionProcess.class, name, reuse);
  }

  private FunctionProcess process(Class<?> program, String name, String reuse) throws IOException {
    Map<String, String> environment =
        new HashMap<>(
            upstream.deployed(
                Files.createDirectories(folder.resolve(name)),
                """
                token: { ttl: 15m }
                authentication: [ { open: {} } ]
                rules:
                  - id: everybody
                    reuse: %s
                    permissions: [ { role: ReadOnly, cache: chat } ]
                """
                    .formatted(reuse)));
    environment.putAll(store.environment());
    environment.put("TVM_STATE", "dynamodb:" + DynamoDbProcess.TABLE);
    return FunctionProcess.start(program, environment, folder.resolve(name + ".log"));
  }

  private static int status(JsonNode answer) {
    return answer.path("statusCode").asInt();
  }

  private static JsonNode vended(FunctionProcess function) {
    JsonNode[] last = new JsonNode[1];
    Await.until(
        "a token",
        () -> {
          last[0] = function.answer(EVENT);
          return status(last[0]) == 200;
        });
    return last[0];
  }

  private static String token(JsonNode answer) {
    return Events.body(answer).path("authToken").asText();
  }

  @Test
  @Tag("I8")
  void servers_and_functions_keep_the_budget_while_their_table_is_deleted_and_made_anew()
      throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger asking = new AtomicInteger();
    AtomicIntegerArray vended = new AtomicIntegerArray(3);
    try (FunctionProcess one = function("one", "never");
        FunctionProcess two = function("two", "never");
        FunctionProcess server = process(ServerProcess.class, "server", "never")) {
      List<FunctionProcess> all = List.of(one, two, server);
      for (int i = 0; i < all.size(); i++) {
        int which = i;
        asking.incrementAndGet();
        var _ =
            Thread.ofVirtual()
                .start(
                    () -> {
                      while (!over.get()) {
                        if (status(all.get(which).answer(EVENT)) == 200) {
                          vended.incrementAndGet(which);
                        }
                      }
                      asking.decrementAndGet();
                    });
      }
      for (int i = 0; i < 3; i++) {
        int[] seen = {vended.get(0), vended.get(1), vended.get(2)};
        Await.until(
            "functions and server vend",
            Duration.ofMinutes(3),
            () ->
                vended.get(0) + vended.get(1) >= seen[0] + seen[1] + 4
                    && vended.get(2) >= seen[2] + 2);
        if (i < 2) {
          store.empty();
        }
      }
      over.set(true);
      Await.until("all are answered", () -> asking.get() == 0);

      assertThat(upstream.mostInASecond()).isLessThanOrEqualTo(5);
    }
  }

  @Test
  void token_that_one_function_minted_is_handed_out_by_another() throws IOException {
    try (FunctionProcess one = function("one", "everyone");
        FunctionProcess two = function("two", "everyone")) {
      String minted = token(vended(one));
      JsonNode again = vended(two);

      assertThat(token(again)).isEqualTo(minted).isNotEmpty();
      assertThat(upstream.minted).hasValue(1);
      Await.until("it is on record", () -> audit(two).size() == 1);
      assertThat(audit(two).getFirst()).contains("\"reused\":true").doesNotContain(minted);
      String kept = store.say("Scan", "{\"TableName\":\"" + DynamoDbProcess.TABLE + "\"}");
      assertThat(kept).contains("tvm#entry#").doesNotContain(minted);
    }
  }

  private static List<String> audit(FunctionProcess function) {
    return function.said().stream().filter(line -> line.contains("\"tokenSha256\"")).toList();
  }

  @Test
  @Tag("I8")
  void functions_keep_one_budget_whichever_is_killed() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    AtomicIntegerArray statuses = new AtomicIntegerArray(600);
    AtomicInteger asking = new AtomicInteger();
    try (FunctionProcess one = function("one", "never");
        FunctionProcess two = function("two", "never");
        FunctionProcess three = function("three", "never")) {
      for (FunctionProcess function : List.of(one, two, three)) {
        asking.incrementAndGet();
        var _ =
            Thread.ofVirtual()
                .start(
                    () -> {
                      try {
                        while (!over.get()) {
                          statuses.incrementAndGet(status(function.answer(EVENT)));
                        }
                      } catch (RuntimeException e) {
                        // It was killed.
                      } finally {
                        asking.decrementAndGet();
                      }
                    });
      }
      Await.until("all are used to it", () -> upstream.minted.get() >= 10);
      one.kill();
      int seen = upstream.minted.get();
      Await.until("the others go on", () -> upstream.minted.get() >= seen + 15);
      over.set(true);
      Await.until("all are answered", () -> asking.get() == 0);

      assertThat(upstream.mostInASecond()).isLessThanOrEqualTo(5);
      assertThat(statuses.get(200)).isGreaterThanOrEqualTo(20);
      for (int status = 0; status < statuses.length(); status++) {
        if (status != 200 && status != 503) {
          assertThat(statuses.get(status)).as("answers with %d", status).isZero();
        }
      }
    }
  }

  @Test
  void function_whose_table_is_away_says_when_to_come_back_and_goes_on_afterwards()
      throws IOException {
    try (FunctionProcess one = function("one", "never")) {
      var _ = vended(one);
      int minted = upstream.minted.get();
      store.stop();
      JsonNode answer;
      try {
        answer = one.answer(EVENT);
      } finally {
        store.goOn();
      }

      assertThat(status(answer)).as(answer.toString()).isEqualTo(503);
      assertThat(answer.path("multiValueHeaders").path("retry-after").path(0).asInt()).isPositive();
      assertThat(upstream.minted).hasValue(minted);
      Await.until(
          "it is told",
          () ->
              one.said().stream()
                  .anyMatch(line -> line.contains("the shared state is unavailable")));
      var _ = vended(one);
    }
  }
}
