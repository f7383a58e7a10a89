package tokenvending.configuration;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The values of one section, by key. */
final class Fields {
  private final Map<String, Object> values = new HashMap<>();
  private final Map<String, Position> written = new HashMap<>();
  private final Set<String> known = new HashSet<>();
  private final boolean empty;
  private final Position at;
  private final String path;
  private final Findings findings;

  Fields(boolean empty, Position at, String path, Findings findings) {
    this.empty = empty;
    this.at = at;
    this.path = path;
    this.findings = findings;
  }

  <T> void read(Key<T> key, YamlNode node) {
    written.put(key.name(), node.at());
    key.shape().read(node, pathOf(key), findings).ifPresent(value -> values.put(key.name(), value));
  }

  void expect(Key<?> key) {
    known.add(key.name());
    if (key.required() && !isWritten(key)) {
      findings.error(place(key), pathOf(key), "missing: expected " + key.shape().expected());
    }
  }

  /** Returns the value, if it was present and valid. */
  @SuppressWarnings("unchecked") // read() put there what the shape of this very key made.
  <T> Optional<T> of(Key<T> key) {
    if (!known.contains(key.name())) {
      throw new IllegalStateException("the section has no key " + key.name());
    }
    return Optional.ofNullable((T) values.get(key.name()));
  }

  /** Whether the section is empty, unknown keys included. */
  boolean isEmpty() {
    return empty;
  }

  boolean isWritten(Key<?> key) {
    return written.containsKey(key.name());
  }

  /** Reports an error at a key, present or not. */
  void error(Key<?> key, String message) {
    findings.error(place(key), pathOf(key), message);
  }

  /** Reports an error at the section as a whole. */
  void errorHere(String message) {
    findings.error(at, path, message);
  }

  void warning(Key<?> key, String message) {
    findings.warning(place(key), pathOf(key), message);
  }

  private Position place(Key<?> key) {
    Position missing = path.isEmpty() ? findings.end() : at;
    return written.getOrDefault(key.name(), missing);
  }

  private String pathOf(Key<?> key) {
    return path.isEmpty() ? key.name() : path + "." + key.name();
  }
}
