package tokenvending.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The query of a request, encoded or decoded. */
public sealed interface Query {
  /** The text after the question mark, still encoded; possibly empty. */
  record Encoded(String text) implements Query {}

  record Decoded(List<Field> fields) implements Query {
    public Decoded {
      fields = List.copyOf(fields);
    }
  }

  /**
   * Returns the parameters in order; empty if the encoding is invalid. Names and values are UTF-8,
   * and {@code +} is a space.
   */
  default Optional<List<Field>> decoded() {
    return switch (this) {
      case Decoded(List<Field> fields) -> Optional.of(fields);
      case Encoded(String text) -> decode(text);
    };
  }

  private static Optional<List<Field>> decode(String text) {
    List<Field> fields = new ArrayList<>();
    for (String pair : text.split("&", -1)) {
      if (pair.isEmpty()) {
        continue;
      }
      int equals = pair.indexOf('=');
      Optional<String> name = unescape(equals < 0 ? pair : pair.substring(0, equals));
      Optional<String> value = unescape(equals < 0 ? "" : pair.substring(equals + 1));
      if (name.isEmpty() || value.isEmpty()) {
        return Optional.empty();
      }
      fields.add(new Field(name.get(), value.get()));
    }
    return Optional.of(List.copyOf(fields));
  }

  private static Optional<String> unescape(String text) {
    ByteBuffer bytes = ByteBuffer.allocate(text.length() * 3);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%') {
        boolean complete = i + 2 < text.length();
        int high = complete ? Character.digit(text.charAt(i + 1), 16) : -1;
        int low = complete ? Character.digit(text.charAt(i + 2), 16) : -1;
        if (high < 0 || low < 0) {
          return Optional.empty();
        }
        bytes.put((byte) (high * 16 + low));
        i += 2;
      } else if (c == '+') {
        bytes.put((byte) ' ');
      } else if (c < 0x80) {
        bytes.put((byte) c);
      } else {
        // RFC 3986 §2: a query is ASCII; the encoding of anything else is unknown.
        return Optional.empty();
      }
    }
    try {
      return Optional.of(UTF_8.newDecoder().decode(bytes.flip()).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }
}
