package tokenvending.configuration;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import tokenvending.policy.PermissionDocument;
import tokenvending.policy.RuleDocument;
import tokenvending.policy.SelectorDocument;

/** Decides whether the server starts momento-local, and with which caches. */
public final class LocalUse {
  private static final String DEFAULT_CACHE = "default-cache";

  private LocalUse() {}

  /**
   * Whether use is local: the file names no API key, or it is the built-in file and its variable is
   * unset. In any other file an unset variable is an error, so that a production file never becomes
   * local by accident.
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

  /** Returns the caches to create: those that the rules name, or {@code default-cache}. */
  public static Set<String> caches(Configuration configuration) {
    Set<String> names = new LinkedHashSet<>();
    for (RuleDocument rule : configuration.policyDocument().rules()) {
      for (PermissionDocument permission : rule.permissions()) {
        // A cache name with a caller's value is not known in advance.
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
