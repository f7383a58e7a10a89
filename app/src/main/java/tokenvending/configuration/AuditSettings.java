package tokenvending.configuration;

import java.nio.file.Path;

/** {@code audit.to}: where the record of every request goes. */
public sealed interface AuditSettings {
  record Stdout() implements AuditSettings {}

  record File(Path path) implements AuditSettings {}
}
