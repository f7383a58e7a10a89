package tokenvending.server;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import tokenvending.configuration.Configuration;
import tokenvending.configuration.ConfigurationReader;
import tokenvending.configuration.ConfigurationResult.Read;
import tokenvending.configuration.ConfigurationResult.Unusable;

/** A {@code tvm.yaml} from values by dotted key, such as {@code momento.api-key}. */
final class DottedKeys {
  private DottedKeys() {}

  /** Returns the configuration. A key whose value is empty is left out. */
  static Configuration read(Map<String, String> values, Path folder) {
    Map<String, StringBuilder> sections = new LinkedHashMap<>();
    values.forEach(
        (key, value) -> {
          int dot = key.indexOf('.');
          if (!value.isEmpty()) {
            StringBuilder yaml =
                sections.computeIfAbsent(
                    key.substring(0, Math.max(dot, 0)),
                    section -> new StringBuilder(dot < 0 ? "" : section + ":\n"));
            yaml.append(dot < 0 ? "" : "  ").append(key.substring(dot + 1));
            yaml.append(": ").append(value).append('\n');
          }
        });
    String yaml = String.join("", sections.values());
    return switch (ConfigurationReader.parse(yaml, "tvm.yaml", folder)) {
      case Read read -> read.configuration();
      case Unusable(var problems) -> throw new AssertionError(problems + " in\n" + yaml);
    };
  }
}
