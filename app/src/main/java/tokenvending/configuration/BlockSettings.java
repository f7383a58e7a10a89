package tokenvending.configuration;

import java.nio.file.Path;

/** {@code blocks}: where the list of blocked callers is. */
public sealed interface BlockSettings {
  /** In the shared state. */
  record Shared() implements BlockSettings {}

  /** In a file, for one instance. */
  record File(Path path) implements BlockSettings {}
}
