package tokenvending.lambda.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Answers one event: JSON in, JSON out. */
@FunctionalInterface
public interface EventHandler {
  void handle(InputStream event, OutputStream answer) throws IOException;
}
