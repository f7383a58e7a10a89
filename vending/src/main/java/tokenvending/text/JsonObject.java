package tokenvending.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Optional;

/**
 * Writes one flat JSON object (RFC 8259), member by member. Whatever a value holds, the object
 * stays one line and reads in the order it is written: characters that break lines or reorder text
 * (Unicode Cc, Cf, Zl, Zp) are escaped, and so is all beyond the basic plane, where more of them
 * hide. Half of a surrogate pair has no UTF-8 form; U+FFFD stands for it, as Unicode §3.9 asks.
 *
 * <p>Written by hand, because each vend writes three of these and a general writer brings buffers
 * of 24 KiB to each virtual thread. Names are constants of ours and are not escaped. Not
 * thread-safe.
 */
public final class JsonObject {
  private static final String HEX = "0123456789abcdef";

  private final StringBuilder out;

  /**
   * Begins one.
   *
   * @param room how many characters to expect
   */
  public JsonObject(int room) {
    this.out = new StringBuilder(room).append('{');
  }

  public JsonObject text(String name, String value) {
    begin(name);
    quoted(value);
    return this;
  }

  /** Leaves the member out where there is nothing to say. */
  public JsonObject text(String name, Optional<String> value) {
    return value.isPresent() ? text(name, value.get()) : this;
  }

  public JsonObject number(String name, long value) {
    begin(name);
    out.append(value);
    return this;
  }

  public JsonObject flag(String name, boolean value) {
    begin(name);
    out.append(value);
    return this;
  }

  public JsonObject texts(String name, List<String> values) {
    begin(name);
    char before = '[';
    for (String value : values) {
      out.append(before);
      quoted(value);
      before = ',';
    }
    out.append(values.isEmpty() ? "[]" : "]");
    return this;
  }

  /** The whole object; nothing may be added any more. */
  public byte[] utf8() {
    return out.append('}').toString().getBytes(UTF_8);
  }

  /** The whole object and a newline; nothing may be added any more. */
  public byte[] line() {
    return out.append("}\n").toString().getBytes(UTF_8);
  }

  private void begin(String name) {
    if (out.length() > 1) {
      out.append(',');
    }
    out.append('"').append(name).append("\":");
  }

  private void quoted(String value) {
    out.append('"');
    int plain = 0;
    while (plain < value.length() && isPlain(value.charAt(plain))) {
      plain++;
    }
    if (plain == value.length()) {
      // Nearly always, and then the cheapest.
      out.append(value).append('"');
      return;
    }
    out.append(value, 0, plain);
    for (int i = plain; i < value.length(); i++) {
      char c = value.charAt(i);
      if (isPlain(c)) {
        out.append(c);
      } else if (!Character.isSurrogate(c)) {
        other(c);
      } else if (i + 1 < value.length() && Character.isSurrogatePair(c, value.charAt(i + 1))) {
        escaped(c);
        escaped(value.charAt(++i));
      } else {
        out.append('\ufffd');
      }
    }
    out.append('"');
  }

  /** Printable ASCII that stands for itself. */
  private static boolean isPlain(char c) {
    return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
  }

  private void other(char c) {
    switch (c) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default -> {
        switch (Character.getType(c)) {
          case Character.CONTROL,
              Character.FORMAT,
              Character.LINE_SEPARATOR,
              Character.PARAGRAPH_SEPARATOR ->
              escaped(c);
          default -> out.append(c);
        }
      }
    }
  }

  private void escaped(char c) {
    out.append("\\u")
        .append(HEX.charAt(c >> 12))
        .append(HEX.charAt(c >> 8 & 0xf))
        .append(HEX.charAt(c >> 4 & 0xf))
        .append(HEX.charAt(c & 0xf));
  }
}
