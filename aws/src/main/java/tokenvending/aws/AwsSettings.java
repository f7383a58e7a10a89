package tokenvending.aws;

import java.util.Optional;
import java.util.function.Function;

/**
 * Where AWS's SDKs look for a setting: a system property, then the environment.
 *
 * @param properties empty where it is not set
 * @param environment empty where it is not set
 */
record AwsSettings(
    Function<String, Optional<String>> properties, Function<String, Optional<String>> environment) {
  /** Those of this process. */
  static final AwsSettings OF_PROCESS =
      new AwsSettings(
          name -> Optional.ofNullable(System.getProperty(name)),
          name -> Optional.ofNullable(System.getenv(name)));

  /** Empty where it is not set, or to nothing. */
  Optional<String> find(String property, String variable) {
    return nonEmpty(properties.apply(property).or(() -> environment.apply(variable)));
  }

  /** The same by the environment alone. */
  Optional<String> variable(String name) {
    return nonEmpty(environment.apply(name));
  }

  boolean hasProperty(String name) {
    return properties.apply(name).isPresent();
  }

  private static Optional<String> nonEmpty(Optional<String> found) {
    return found.map(String::strip).filter(text -> !text.isEmpty());
  }
}
