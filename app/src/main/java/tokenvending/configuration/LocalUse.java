package tokenvending.configuration;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import tokenvending.policy.PermissionDocument;
import tokenvending.policy.RuleDocument;
import tokenvending.policy.SelectorDocument;

/** Decides when the server starts momento-local, and which caches it has. */
public final class LocalUse {
  private static final String DEFAULT_CACHE = "default-cache";

  private LocalUse() {}

  /**
   * Whether use is local: the file names no API key, or the built-in one is used and the variable
   * that it names is unset. In any other file an unset variable is an error, so that a production
   * file never turns local by accident.
   */
  public static boolean applies(
      Configuration configuration, boolean isBuiltIn, Map<String, String> environment) {
    return configuration
        .momento()
        .apiKey()
        .map(
            key ->
                isBuiltIn
                    && key instanceof SecretReference.Environment(String name)
                    && environment.getOrDefault(name, "").isBlank())
        .orElse(true);
  }

  /** The caches to create: those that the rules name, else {@code default-cache}. */
  public static Set<String> caches(Configuration configuration) {
    Set<String> names = new LinkedHashSet<>();
    for (RuleDocument rule : configuration.policyDocument().rules()) {
      for (PermissionDocument permission : rule.permissions()) {
        // A cache with a caller's value in its name is not known before they call.
        if (permission.cache() instanceof SelectorDocument.Exact(String name)
            && !name.contains("${")) {
          names.add(name);
        }
      }
    }
    if (names.isEmpty()) {
      names.add(DEFAULT_CACHE);
    }
    return names;
  }
}
