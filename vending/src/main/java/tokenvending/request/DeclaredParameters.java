package tokenvending.request;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tokenvending.text.PlainText;

/** The parameters that a file declares. A request with any other parameter is malformed. */
public final class DeclaredParameters {
  /** The form of a name that an error message repeats. Any other text could be a secret. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,19}");

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
   * Returns the first fault of the values; empty if each is declared, short enough and printable,
   * and none is missing.
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
      if (!PlainText.isPlainValue(value.getValue())) {
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

  /** Describes a fault by the names of the parameters, for the author of the file. */
  public String describe(Fault fault, Map<String, String> values) {
    return switch (fault) {
      case UNDECLARED ->
          values.keySet().stream()
                  .filter(name -> !byName.containsKey(name))
                  .map(name -> NAME.matcher(name).matches() ? name : "a parameter")
                  .distinct()
                  .sorted()
                  .collect(Collectors.joining(", "))
              + " is not declared; the file declares "
              + (byName.isEmpty() ? "none" : String.join(", ", byName.keySet()));
      case MISSING ->
          byName.values().stream()
                  .filter(one -> one.required() && !values.containsKey(one.name()))
                  .map(Parameter::name)
                  .collect(Collectors.joining(", "))
              + " is missing";
      case EMPTY -> names(values, String::isEmpty) + " is empty";
      case TOO_LONG ->
          "a value is longer than the file allows ("
              + byName.values().stream()
                  .map(one -> one.name() + ": at most " + one.maxLength())
                  .collect(Collectors.joining(", "))
              + ")";
      case UNPRINTABLE ->
          names(values, value -> !PlainText.isPlainValue(value))
              + " contains an unprintable character";
    };
  }

  /** Returns the names of the declared parameters whose values are such. */
  private String names(Map<String, String> values, Predicate<String> such) {
    return byName.keySet().stream()
        .filter(name -> values.containsKey(name) && such.test(values.get(name)))
        .collect(Collectors.joining(", "));
  }

  /** A fault of a parameter. */
  public enum Fault {
    UNDECLARED,
    EMPTY,
    TOO_LONG,
    UNPRINTABLE,
    MISSING
  }
}
