package tokenvending.authentication;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A JSON value as a stranger wrote it (RFC 8259). Numbers keep their literal, so that no two
 * readers can disagree about them.
 */
sealed interface Json {
  record Text(String value) implements Json {}

  record Numeral(String literal) implements Json {}

  record Bool(boolean value) implements Json {}

  record Null() implements Json {}

  record Items(List<Json> values) implements Json {
    public Items {
      values = List.copyOf(values);
    }
  }

  /** An object. A member that is {@code null} counts as absent. */
  record Members(Map<String, Json> values) implements Json {
    public Members {
      Map<String, Json> present = new HashMap<>(values);
      present.values().removeIf(Null.class::isInstance);
      values = Map.copyOf(present);
    }

    boolean has(String name) {
      return values.containsKey(name);
    }

    Optional<Json> find(String name) {
      return Optional.ofNullable(values.get(name));
    }

    /** The member, where it is there and a string. */
    Optional<String> text(String name) {
      return values.get(name) instanceof Text(String value) ? Optional.of(value) : Optional.empty();
    }

    /** The members of these names, in the types of {@code java.lang} and {@code java.util}. */
    Map<String, Object> plain(List<String> names) {
      Map<String, Object> plain = new LinkedHashMap<>();
      for (String name : names) {
        switch (values.get(name)) {
          case Text(String value) -> plain.put(name, value);
          case Items(List<Json> items) ->
              plain.put(
                  name,
                  items.stream()
                      .filter(Text.class::isInstance)
                      .map(item -> ((Text) item).value())
                      .toList());
          case Numeral _, Bool _, Null _, Members _ -> {}
          case null -> {}
        }
      }
      return plain;
    }
  }

  /**
   * Reads one object and nothing after it. Empty for anything that is not strictly JSON, and for
   * what two readers could understand differently: a member named twice at any level, half a
   * surrogate pair (RFC 7493 §2), nesting deeper than {@link JsonReader#DEEPEST}.
   */
  static Optional<Members> object(String text) {
    return new JsonReader(text).document();
  }
}
