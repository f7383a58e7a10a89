package tokenvending.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.text.Normalizer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes one JSON object (RFC 8259), member by member. Whatever a value holds, the object stays one
 * line, reads in the order it is written, and shows what is in it: characters that a reader cannot
 * see ({@link PlainText#isVisible(int)}) are escaped, and so is all beyond the basic plane. In a
 * value that is not in normalization form C, all that is not ASCII is escaped; in a blank value,
 * every character. Half of a surrogate pair has no UTF-8 form; U+FFFD stands for it, as Unicode
 * §3.9 requires.
 *
 * <p>Written by hand, because each vend writes three of these and a general writer brings buffers
 * of 24 KiB to each virtual thread. Names are constants of ours and are not escaped. Not
 * thread-safe.
 */
public final class JsonObject {
  private static final String HEX = "0123456789abcdef";

  /** For each byte, 1 where a closer look is due. */
  private static final byte[] SPECIAL = special();

  private final StringBuilder out;

  public JsonObject() {
    this(256);
  }

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

  /** An object of lists of texts. */
  public JsonObject texts(String name, Map<String, List<String>> values) {
    begin(name);
    char before = '{';
    for (Map.Entry<String, List<String>> entry : values.entrySet()) {
      out.append(before);
      quoted(entry.getKey());
      out.append(':');
      list(entry.getValue());
      before = ',';
    }
    out.append(values.isEmpty() ? "{}" : "}");
    return this;
  }

  public JsonObject texts(String name, List<String> values) {
    begin(name);
    list(values);
    return this;
  }

  /** The value {@code null}. */
  public JsonObject nothing(String name) {
    begin(name);
    out.append("null");
    return this;
  }

  public JsonObject decimal(String name, double value) {
    begin(name);
    out.append(value);
    return this;
  }

  /** An object, to which nothing can be added any more. */
  public JsonObject object(String name, JsonObject value) {
    begin(name);
    out.append(value.out).append('}');
    return this;
  }

  /** A list of objects, to which nothing can be added any more. */
  public JsonObject objects(String name, List<JsonObject> values) {
    begin(name);
    char before = '[';
    for (JsonObject value : values) {
      out.append(before).append(value.out).append('}');
      before = ',';
    }
    out.append(values.isEmpty() ? "[]" : "]");
    return this;
  }

  /** A list of one list of texts. */
  public JsonObject nested(String name, List<String> values) {
    begin(name);
    out.append('[');
    list(values);
    out.append(']');
    return this;
  }

  private void list(List<String> values) {
    char before = '[';
    for (String value : values) {
      out.append(before);
      quoted(value);
      before = ',';
    }
    out.append(values.isEmpty() ? "[]" : "]");
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
    boolean blank = value.startsWith(" ") && PlainText.isBlank(value);
    byte[] utf8 = value.getBytes(UTF_8);
    if (!blank && isPlain(utf8)) {
      // Nearly always.
      out.append(value).append('"');
      return;
    }
    boolean ascii = utf8.length == value.length();
    boolean normal = !blank && (ascii || Normalizer.isNormalized(value, Normalizer.Form.NFC));
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (isPlain(c) && !blank) {
        out.append(c);
      } else if (!Character.isSurrogate(c)) {
        other(c, normal);
      } else if (i + 1 < value.length() && Character.isSurrogatePair(c, value.charAt(i + 1))) {
        escaped(c);
        escaped(value.charAt(++i));
      } else {
        out.append('\ufffd');
      }
    }
    out.append('"');
  }

  /** Whether all of it stands for itself: asked of bytes, and to the end, since that is faster. */
  private static boolean isPlain(byte[] utf8) {
    int special = 0;
    for (byte b : utf8) {
      special |= SPECIAL[b & 0xff];
    }
    return special == 0;
  }

  /** Printable ASCII that stands for itself. */
  private static boolean isPlain(char c) {
    return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
  }

  private static byte[] special() {
    byte[] special = new byte[0x100];
    for (char c = 0; c < special.length; c++) {
      // Half of a surrogate pair becomes a question mark.
      special[c] = (byte) (isPlain(c) && c != '?' ? 0 : 1);
    }
    return special;
  }

  private void other(char c, boolean normal) {
    switch (c) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default -> {
        if (normal && PlainText.isVisible(c)) {
          out.append(c);
        } else {
          escaped(c);
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
