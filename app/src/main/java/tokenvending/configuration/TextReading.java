package tokenvending.configuration;

import java.util.Optional;
import java.util.function.Consumer;

/** Converts a text to a value. */
@FunctionalInterface
interface TextReading<T> {
  /**
   * Returns the value; empty if the text is invalid.
   *
   * @param problem receives at least one message if the result is empty; it never contains the text
   *     if that could be a credential
   */
  Optional<T> read(String text, Consumer<String> problem);
}
