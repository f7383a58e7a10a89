package tokenvending.redis;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import tokenvending.secret.Secret;
import tokenvending.testing.Await;
import tokenvending.testing.Instance;
import tokenvending.testing.RedisProcess;

/**
 * Stores that answer and cannot be used are away, and the log says why: once, however often they
 * are tried.
 */
final class UnusableStoreTest {
  /** Long enough for some attempts to connect. */
  private static final Duration ATTEMPTS = Duration.ofMillis(700);

  @TempDir private Path folder;

  private final Logger log = (Logger) LoggerFactory.getLogger(RedisLink.class);
  private final ListAppender<ILoggingEvent> told = new ListAppender<>();

  @BeforeEach
  void listen() {
    told.start();
    log.addAppender(told);
    log.setLevel(Level.TRACE);
  }

  @AfterEach
  void listen_no_more() {
    log.detachAppender(told);
    log.setLevel(null);
  }

  private List<String> told() {
    return List.copyOf(told.list).stream()
        .map(
            event ->
                event.getFormattedMessage()
                    + (event.getKeyValuePairs() == null ? "" : " " + event.getKeyValuePairs()))
        .toList();
  }

  private static String away(String fault) {
    return "the shared state is unavailable [fault=\"" + fault + "\"]";
  }

  private static final String REACHABLE = "the shared state is reachable";

  private void awaitTold(String... lines) {
    Await.until("reported: " + List.of(lines), () -> reasons().equals(List.of(lines)));
    Await.pass(ATTEMPTS);
    assertThat(reasons()).containsExactly(lines);
  }

  /** What was told but the timeouts of a busy machine, each of which is an outage too. */
  private List<String> reasons() {
    List<String> reasons = new ArrayList<>();
    for (String line : told()) {
      boolean again =
          line.equals(REACHABLE) && !reasons.isEmpty() && reasons.getLast().equals(line);
      if (!line.contains("Timeout") && !again) {
        reasons.add(line);
      }
    }
    return reasons;
  }

  private static RedisState open(Secret address) {
    return RedisState.open(address, System::nanoTime);
  }

  private static void isUnavailable(RedisState state) {
    assertThat(state.queue().status(Instance.TERMS)).isEmpty();
  }

  @Test
  void killed_and_started_again_is_told_once_each() {
    try (RedisProcess store = RedisProcess.start(folder);
        RedisState state = open(store.address())) {
      awaitTold(REACHABLE);
      store.kill();
      Await.pass(ATTEMPTS);
      isUnavailable(state);
      assertThat(told()).hasSize(2).last().asString().startsWith("the shared state is unavailable");
      store.startAgain();
      Instance.awaitReachable(state);

      assertThat(told()).hasSize(3).last().isEqualTo(REACHABLE);
    }
  }

  @Test
  @Tag("I8")
  void one_that_may_evict_what_was_granted_is_not_used() {
    try (RedisProcess store =
            RedisProcess.start(
                folder, "--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru");
        RedisState state = open(store.address())) {
      awaitTold(away("EvictingStoreException"));
      isUnavailable(state);
      store.say("CONFIG SET maxmemory-policy volatile-lru");

      awaitTold(away("EvictingStoreException"), REACHABLE);
    }
  }

  @Test
  void wrong_password_is_told_and_not_repeated() {
    try (RedisProcess store = RedisProcess.start(folder, "--requirepass", "hunter2");
        RedisState wrong = open(Secret.of("redis://:hunter3@127.0.0.1:" + store.port()))) {
      awaitTold(away("WRONGPASS"));
      isUnavailable(wrong);

      assertThat(told()).noneMatch(queue -> queue.contains("hunter"));
    }
  }

  @Test
  void replica_takes_no_writes_and_is_used_once_it_is_the_primary() {
    try (RedisProcess store = RedisProcess.start(folder, "--replicaof", "127.0.0.1 1");
        RedisState state = open(store.address())) {
      awaitTold(away("READONLY"));
      isUnavailable(state);
      store.say("REPLICAOF NO ONE");
      awaitTold(away("READONLY"), REACHABLE);
      store.say("REPLICAOF 127.0.0.1 1");

      awaitTold(away("READONLY"), REACHABLE, away("READONLY"));
      isUnavailable(state);
    }
  }

  @Test
  void full_store_is_away_until_there_is_room() {
    try (RedisProcess store = RedisProcess.start(folder);
        RedisState state = open(store.address())) {
      awaitTold(REACHABLE);
      store.say("CONFIG SET maxmemory 1");
      awaitTold(REACHABLE, away("OOM"));
      isUnavailable(state);
      store.say("CONFIG SET maxmemory 0");

      awaitTold(REACHABLE, away("OOM"), REACHABLE);
    }
  }

  @Test
  void part_of_a_cluster_is_told_by_its_own_word() {
    try (RedisProcess store = RedisProcess.start(folder, "--cluster-enabled", "yes");
        RedisState state = open(store.address())) {
      awaitTold(away("CLUSTERDOWN"));
      isUnavailable(state);
    }
  }

  @Test
  void user_who_may_not_write_is_told_by_its_own_word() {
    try (RedisProcess store = RedisProcess.start(folder)) {
      store.say("ACL SETUSER ann on >hunter2 %R~* +@all");
      try (RedisState state = open(Secret.of("redis://ann:hunter2@127.0.0.1:" + store.port()))) {
        awaitTold(away("NOPERM"));
        isUnavailable(state);
      }
    }
  }
}
