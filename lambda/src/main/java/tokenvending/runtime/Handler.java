package tokenvending.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** What a function does with an event. */
@FunctionalInterface
public interface Handler {
  void handle(InputStream event, OutputStream answer) throws IOException;
}
