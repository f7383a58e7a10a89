package tokenvending.server.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.core.spi.FilterReply;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class LibraryLogLimitTest {
  private final AtomicLong nanos = new AtomicLong();
  private final LibraryLogLimit lines = new LibraryLogLimit(nanos::get);
  private final LoggerContext context = new LoggerContext();

  private FilterReply decide(String logger, Level level) {
    Logger named = context.getLogger(logger);
    return lines.decide(null, named, level, "text", null, null);
  }

  @Test
  void libraries_write_so_many_lines_a_minute_and_this_program_all_of_its_own() {
    for (int i = 0; i < LibraryLogLimit.MOST; i++) {
      assertThat(decide("io.netty.Any", Level.WARN)).isEqualTo(FilterReply.NEUTRAL);
    }
    for (int i = 0; i < 1_000; i++) {
      assertThat(decide("com.linecorp.armeria.Any", Level.ERROR)).isEqualTo(FilterReply.DENY);
      assertThat(decide("tokenvending.server.Any", Level.ERROR)).isEqualTo(FilterReply.NEUTRAL);
    }
    nanos.set(Duration.ofMinutes(1).toNanos());
    assertThat(decide("io.netty.Any", Level.WARN)).isEqualTo(FilterReply.NEUTRAL);
  }

  @Test
  void what_would_not_be_written_is_not_counted() {
    for (int i = 0; i < 1_000; i++) {
      assertThat(decide("io.netty.Any", Level.DEBUG)).isEqualTo(FilterReply.NEUTRAL);
      assertThat(lines.decide(null, context.getLogger("io.netty"), Level.WARN, null, null, null))
          .isEqualTo(FilterReply.NEUTRAL);
    }
    assertThat(decide("io.netty.Any", Level.WARN)).isEqualTo(FilterReply.NEUTRAL);
  }
}
