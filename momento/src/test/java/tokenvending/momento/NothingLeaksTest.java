package tokenvending.momento;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.grpc.Status;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import tokenvending.issuing.IssueResult;
import tokenvending.momento.netty.NettyConnector;

/** T4 and T5: with every logger at its chattiest, neither the API key nor a token is in a log. */
class NothingLeaksTest {
  private static final String KEY = "c4n4ry-key";
  private static final String TOKEN = "v3nded-tok";

  /** The fake's alone: our transport is not grpc-java's. */
  private static final String SERVER = "io.grpc.";

  private final List<String> ours = new CopyOnWriteArrayList<>();
  private final List<String> service = new CopyOnWriteArrayList<>();
  private final List<String> libraries = new CopyOnWriteArrayList<>();
  private final List<LogRecord> theirs = new CopyOnWriteArrayList<>();
  private final Logger root = Logger.getLogger("");
  private final Logger grpc = Logger.getLogger("io.grpc");
  private final Capture capture = new Capture();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          theirs.add(record);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  private final class Capture extends AppenderBase<ILoggingEvent> {
    @Override
    protected void append(ILoggingEvent event) {
      String name = event.getLoggerName();
      List<String> lines =
          name.startsWith("tokenvending.") ? ours : name.startsWith(SERVER) ? service : libraries;
      lines.add(
          event.getLevel()
              + " "
              + event.getFormattedMessage()
              + " "
              + event.getKeyValuePairs()
              + " "
              + event.getThrowableProxy());
    }
  }

  @BeforeEach
  void listen() {
    handler.setLevel(java.util.logging.Level.ALL);
    root.addHandler(handler);
    grpc.setLevel(java.util.logging.Level.ALL);
    grpc.setUseParentHandlers(false);
    grpc.addHandler(handler);
    ch.qos.logback.classic.Logger logback = logback();
    capture.setContext((LoggerContext) LoggerFactory.getILoggerFactory());
    capture.start();
    logback.addAppender(capture);
    logback.setLevel(Level.TRACE);
    // It writes whole frames, so the server keeps it off whatever the levels are.
    traffic().setLevel(Level.OFF);
  }

  @AfterEach
  void stop() {
    root.removeHandler(handler);
    grpc.removeHandler(handler);
    grpc.setUseParentHandlers(true);
    grpc.setLevel(null);
    logback().detachAppender(capture);
    logback().setLevel(Level.OFF);
    traffic().setLevel(null);
  }

  private static ch.qos.logback.classic.Logger traffic() {
    return (ch.qos.logback.classic.Logger)
        LoggerFactory.getLogger("com.linecorp.armeria.logging.traffic");
  }

  private static ch.qos.logback.classic.Logger logback() {
    return (ch.qos.logback.classic.Logger)
        LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  }

  @Test
  void neither_key_nor_token_is_logged_at_any_level() {
    String host;
    try (FakeTokenService service =
            new FakeTokenService(
                (request, number) ->
                    switch (number) {
                      case 1 -> FakeTokenService.answer(TOKEN, "cell.example.com", 1_800_000_000L);
                      case 2 -> FakeTokenService.answer(TOKEN, "<html>", 1_800_000_000L);
                      default ->
                          new FakeTokenService.Response.Fails(
                              Status.INTERNAL.withDescription("your key was " + KEY));
                    });
        IssuingRow issuer =
            new IssuingRow(
                MomentoTokenIssuerTest.fixed(MomentoTokenIssuerTest.key(KEY)),
                Optional.of(MomentoTokenIssuerTest.address(service.uri())),
                NettyConnector.nio(),
                Duration.ofSeconds(50),
                new CountingBudget(),
                InstantSource.system(),
                System::nanoTime,
                RandomGenerator.getDefault())) {
      host = "127.0.0.1:" + service.port();
      IssueResult vended = issuer.issue(Grants.of("ReadOnly cache=a"), Grants.HERE);
      IssueResult nonsense = issuer.issue(Grants.of("ReadOnly cache=a"), Grants.HERE);
      IssueResult internal = issuer.issue(Grants.of("ReadOnly cache=a"), Grants.HERE);
      assertThat(vended.toString()).doesNotContain(TOKEN);
      assertThat(nonsense.toString()).doesNotContain(TOKEN);
      assertThat(internal.toString()).doesNotContain(KEY);
    }
    assertThat(ours)
        .containsExactly(
            "WARN no token from the token service [category=\"INVALID_RESPONSE\", status=\"OK\","
                + " cause=\"the response is not a usable token\", host=\""
                + host
                + "\"] null",
            "WARN no token from the token service [category=\"UPSTREAM_UNAVAILABLE\","
                + " status=\"INTERNAL\", cause=\"the server returned gRPC status INTERNAL\","
                + " host=\""
                + host
                + "\"] null");
    String client = theirs(false) + String.join("\n", libraries);
    String server = theirs(true) + String.join("\n", service);
    // The fake's transport logs what it receives: so the captured lines would show a key.
    assertThat(server).contains(ReceivedRequest.hex(KEY));
    assertThat(client)
        .isNotBlank()
        .doesNotContain(KEY)
        .doesNotContain(TOKEN)
        .doesNotContain(ReceivedRequest.hex(KEY))
        .doesNotContain(ReceivedRequest.hex(TOKEN));
  }

  private String theirs(boolean server) {
    StringBuilder text = new StringBuilder();
    for (LogRecord line : theirs) {
      if (String.valueOf(line.getLoggerName()).startsWith(SERVER) == server) {
        text.append(line.getLoggerName()).append(' ').append(line.getMessage());
        for (Object parameter : parameters(line)) {
          text.append(' ').append(parameter);
        }
        text.append(' ').append(line.getThrown()).append('\n');
      }
    }
    return text.toString();
  }

  private static Object[] parameters(LogRecord line) {
    Object[] parameters = line.getParameters();
    return parameters == null ? new Object[0] : parameters;
  }
}
