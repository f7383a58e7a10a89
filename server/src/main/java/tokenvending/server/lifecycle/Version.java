package tokenvending.server.lifecycle;

import java.util.Optional;

/** The version of this program, which is only in packaged jars. */
public final class Version {
  private Version() {}

  /** Returns the version in the jar's manifest. */
  public static Optional<String> packaged() {
    return Optional.ofNullable(Version.class.getPackage().getImplementationVersion());
  }
}
