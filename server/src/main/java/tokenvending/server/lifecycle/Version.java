package tokenvending.server.lifecycle;

import java.util.Optional;

/** The version of this program, which only packaged jars contain. */
public final class Version {
  private Version() {}

  /** The version in the manifest of the jar. */
  public static Optional<String> packaged() {
    return Optional.ofNullable(Version.class.getPackage().getImplementationVersion());
  }
}
