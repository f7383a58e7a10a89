package tokenvending.aws;

import java.util.Optional;

/** Where AWS's SDKs look for a setting: a system property, then the environment. */
@FunctionalInterface
interface AwsSettings {
  /** Empty where it is not set, or to nothing. */
  Optional<String> find(String property, String variable);

  /** Those of this process. */
  static Optional<String> ofProcess(String property, String variable) {
    return Optional.ofNullable(System.getProperty(property))
        .or(() -> Optional.ofNullable(System.getenv(variable)))
        .map(String::strip)
        .filter(text -> !text.isEmpty());
  }
}
