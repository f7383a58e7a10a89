package tokenvending.aws;

import java.util.Optional;
import java.util.function.Function;

/**
 * The sources of a setting in AWS's SDKs: a system property, then an environment variable.
 *
 * @param properties returns a property; empty if it is not set
 * @param environment returns a variable; empty if it is not set
 */
record AwsSettings(
    Function<String, Optional<String>> properties, Function<String, Optional<String>> environment) {
  /** The settings of this process. */
  static final AwsSettings OF_PROCESS =
      new AwsSettings(
          name -> Optional.ofNullable(System.getProperty(name)),
          name -> Optional.ofNullable(System.getenv(name)));

  /** Returns a setting; empty if it is unset or blank. */
  Optional<String> find(String property, String variable) {
    return nonEmpty(properties.apply(property).or(() -> environment.apply(variable)));
  }

  /** Returns a setting from the environment only. */
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
