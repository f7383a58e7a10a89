package tokenvending.configuration;

import java.nio.file.Path;
import java.util.Set;

/**
 * {@code audit}: the target of the audit log, and its content.
 *
 * @param claims the claims whose values are in audit events; of others only the names are
 */
public record AuditSettings(Target to, Set<String> claims) {
  /** Standard output, without values of claims. */
  public static final AuditSettings DEFAULT = new AuditSettings(new Stdout(), Set.of());

  public AuditSettings {
    claims = Set.copyOf(claims);
  }

  /** {@code audit.to}. */
  public sealed interface Target {}

  public record Stdout() implements Target {}

  public record File(Path path) implements Target {}
}
