package tokenvending.configuration;

import java.util.Optional;
import java.util.function.Consumer;

/** Makes a value of a text. */
@FunctionalInterface
interface TextReading<T> {
  /**
   * Empty where the text is none.
   *
   * @param problem told what is wrong, at least once where the result is empty; not the text itself
   *     where that could be a credential
   */
  Optional<T> read(String text, Consumer<String> problem);
}
