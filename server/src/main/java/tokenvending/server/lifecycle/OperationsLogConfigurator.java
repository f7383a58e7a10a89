package tokenvending.server.lifecycle;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.joran.spi.ConsoleTarget;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.time.Duration;

/**
 * Configures the operations log: one line per event on standard error, because standard output is
 * for audit events and command output. Logback loads this class as a service. It is Java code
 * because parsing an XML file loads hundreds of classes at every start.
 */
public final class OperationsLogConfigurator extends ContextAwareBase implements Configurator {
  private static final String LINE =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX, UTC} %-5level %logger{0}: %msg%replace( %kvp){'^ $',"
          + " ''}%n%nopex";

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    if (System.getProperty("logback.configurationFile") != null) {
      return ExecutionStatus.INVOKE_NEXT_IF_ANY;
    }
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(LINE);
    encoder.start();
    OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
    appender.setContext(context);
    appender.setName("operations");
    appender.setEncoder(encoder);
    // A stalled reader of standard error must not block the logging threads.
    appender.setOutputStream(
        new BoundedOutput(ConsoleTarget.SystemErr.getStream(), Duration.ofSeconds(1)));
    appender.start();
    LibraryLogLimit limit = new LibraryLogLimit(System::nanoTime);
    limit.setContext(context);
    limit.start();
    context.addTurboFilter(limit);
    Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.WARN);
    root.addAppender(appender);
    context.getLogger("tokenvending").setLevel(Level.INFO);
    // This logger writes whole requests, credentials included, so it stays off at every level.
    context.getLogger("com.linecorp.armeria.logging.traffic").setLevel(Level.OFF);
    // This logger writes what is sent to a store, its password included.
    context.getLogger("io.lettuce.core.protocol").setLevel(Level.INFO);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }
}
