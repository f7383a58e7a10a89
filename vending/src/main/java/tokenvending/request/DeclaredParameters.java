package tokenvending.request;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tokenvending.text.PlainText;

/** The parameters that a file declares. What it does not declare, no caller can say. */
public final class DeclaredParameters {
  private final Map<String, Parameter> byName;

  public DeclaredParameters(List<Parameter> parameters) {
    Map<String, Parameter> map = new LinkedHashMap<>();
    for (Parameter parameter : parameters) {
      if (map.put(parameter.name(), parameter) != null) {
        throw new IllegalArgumentException("a parameter is declared twice");
      }
    }
    this.byName = map;
  }

  public Optional<Parameter> named(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  public List<Parameter> all() {
    return List.copyOf(byName.values());
  }

  /**
   * Why the values cannot be taken, or nothing when they can: each declared, short enough,
   * printable, none missing.
   */
  public Optional<Fault> fault(Map<String, String> values) {
    for (Map.Entry<String, String> value : values.entrySet()) {
      Parameter declared = byName.get(value.getKey());
      if (declared == null) {
        return Optional.of(Fault.UNDECLARED);
      }
      if (value.getValue().isEmpty()) {
        return Optional.of(Fault.EMPTY);
      }
      if (value.getValue().length() > declared.maxLength()) {
        return Optional.of(Fault.TOO_LONG);
      }
      if (!PlainText.isPlain(value.getValue())) {
        return Optional.of(Fault.UNPRINTABLE);
      }
    }
    for (Parameter declared : byName.values()) {
      if (declared.required() && !values.containsKey(declared.name())) {
        return Optional.of(Fault.MISSING);
      }
    }
    return Optional.empty();
  }

  /** What is wrong with a parameter. */
  public enum Fault {
    UNDECLARED,
    EMPTY,
    TOO_LONG,
    UNPRINTABLE,
    MISSING
  }
}
