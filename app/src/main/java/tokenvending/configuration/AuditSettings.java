package tokenvending.configuration;

import java.nio.file.Path;
import java.util.Set;

/**
 * {@code audit}: the target of the audit log, and its content.
 *
 * @param claims the claims whose values it holds where they decided; of others only the names
 */
public record AuditSettings(Target to, Set<String> claims) {
  /** Standard output, and no values of claims. */
  public static final AuditSettings DEFAULT = new AuditSettings(new Stdout(), Set.of());

  public AuditSettings {
    claims = Set.copyOf(claims);
  }

  /** {@code audit.to}. */
  public sealed interface Target {}

  public record Stdout() implements Target {}

  public record File(Path path) implements Target {}
}
