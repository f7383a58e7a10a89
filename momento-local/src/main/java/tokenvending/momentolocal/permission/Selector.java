package tokenvending.momentolocal.permission;

import com.google.protobuf.ByteString;

/**
 * Selects names. They are compared as bytes (text as UTF-8), so case matters, and a prefix can end
 * inside a character.
 */
public sealed interface Selector {

  /** Whether {@code name} is selected. */
  default boolean matches(ByteString name) {
    return switch (this) {
      case Every() -> true;
      case Exactly(ByteString only) -> only.equals(name);
      case StartingWith(ByteString prefix) -> name.startsWith(prefix);
    };
  }

  /** All names. */
  record Every() implements Selector {}

  /** One name. */
  record Exactly(ByteString name) implements Selector {}

  /** The prefix itself and every name that begins with it. */
  record StartingWith(ByteString prefix) implements Selector {}
}
