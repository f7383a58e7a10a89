package tokenvending.text;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A JSON value as received (RFC 8259). Numbers keep their literal, so that two readers cannot
 * interpret them differently. {@link JsonObject} writes JSON.
 */
public sealed interface Json {
  record Text(String value) implements Json {}

  record Numeral(String literal) implements Json {}

  record Bool(boolean value) implements Json {}

  record Null() implements Json {}

  record Items(List<Json> values) implements Json {
    public Items {
      values = List.copyOf(values);
    }
  }

  /**
   * An object.
   *
   * @param values in the order of the text
   */
  record Members(Map<String, Json> values) implements Json {
    public Members {
      values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** Returns the members that are not {@code null}; claims treat {@code null} as absent. */
    public Map<String, Json> present() {
      Map<String, Json> present = new LinkedHashMap<>(values);
      present.values().removeIf(Null.class::isInstance);
      return present;
    }

    /** Whether there is a member of this name that is not {@code null}. */
    public boolean has(String name) {
      return find(name).isPresent();
    }

    /** Returns the member, if there is one that is not {@code null}. */
    public Optional<Json> find(String name) {
      return Optional.ofNullable(values.get(name)).filter(value -> !(value instanceof Null));
    }

    /** Returns the member, if it is a string. */
    public Optional<String> text(String name) {
      return values.get(name) instanceof Text(String value) ? Optional.of(value) : Optional.empty();
    }

    /** Returns the members that are strings, numbers, booleans or nulls, as texts. */
    public Map<String, String> scalars() {
      Map<String, String> scalars = new LinkedHashMap<>();
      values.forEach((name, value) -> value.scalar().ifPresent(text -> scalars.put(name, text)));
      return scalars;
    }

    /** Returns the member if it is an object; otherwise an empty object. */
    public Members members(String name) {
      return values.get(name) instanceof Members members ? members : new Members(Map.of());
    }
  }

  /** Returns the text of a string, a number, a boolean or a null; empty for lists and objects. */
  default Optional<String> scalar() {
    return switch (this) {
      case Text(String value) -> Optional.of(value);
      case Numeral(String literal) -> Optional.of(literal);
      case Bool(boolean value) -> Optional.of(Boolean.toString(value));
      case Null() -> Optional.of("null");
      case Items _, Members _ -> Optional.empty();
    };
  }

  /**
   * Parses one object and nothing after it. Empty for invalid JSON, and for text that two readers
   * could interpret differently: duplicate members at any level, half of a surrogate pair (RFC 7493
   * §2), more than 12 levels of nesting.
   */
  static Optional<Members> object(String text) {
    return new JsonReader(text).document();
  }

  /** Parses one object from UTF-8; empty as {@link #object(String)}, and for invalid UTF-8. */
  static Optional<Members> object(byte[] utf8) {
    try {
      return object(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }
}
