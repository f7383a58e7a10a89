package tokenvending.server.lifecycle;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

/**
 * Limits the warnings and errors that libraries log, because clients can cause most of them.
 * Thread-safe.
 */
public final class LibraryLogLimit extends TurboFilter {
  public static final int MOST = 20;
  private static final long WINDOW_NANOS = Duration.ofMinutes(1).toNanos();
  private static final String OWN = "tokenvending.";

  private final LongSupplier nanoTime;
  private long begin;
  private int count;

  /**
   * Allows {@link #MOST} lines per minute.
   *
   * @param nanoTime a monotonic clock, such as {@link System#nanoTime}
   */
  LibraryLogLimit(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.begin = nanoTime.getAsLong();
  }

  @Override
  public FilterReply decide(
      @Nullable Marker marker,
      Logger logger,
      Level level,
      @Nullable String format,
      Object @Nullable [] arguments,
      @Nullable Throwable cause) {
    // A call without a text only checks whether the level is enabled.
    if (format == null || !level.isGreaterOrEqual(Level.WARN) || logger.getName().startsWith(OWN)) {
      return FilterReply.NEUTRAL;
    }
    int number = next();
    if (number == MOST + 1) {
      LoggerFactory.getLogger(LibraryLogLimit.class)
          .warn("further lines of libraries are dropped for up to a minute");
    }
    return number > MOST ? FilterReply.DENY : FilterReply.NEUTRAL;
  }

  private synchronized int next() {
    long now = nanoTime.getAsLong();
    if (now - begin >= WINDOW_NANOS) {
      begin = now;
      count = 0;
    }
    if (count <= MOST) {
      count++;
      return count;
    }
    return MOST + 2;
  }
}
