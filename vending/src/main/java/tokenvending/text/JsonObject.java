package tokenvending.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.text.Normalizer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes one JSON object (RFC 8259), member by member. The output is always one line, keeps the
 * order of writing, and makes every character visible: invisible characters (see {@link
 * PlainText#isVisible(int)}) and those beyond the basic plane are escaped. In a value that is not
 * in normalization form C all non-ASCII characters are escaped, and in a blank value every
 * character. Half of a surrogate pair becomes U+FFFD (Unicode §3.9).
 *
 * <p>Hand-written, because each vend writes three objects and a general writer allocates buffers of
 * 24 KiB for each virtual thread. Names must be constants, because they are not escaped. Not
 * thread-safe.
 */
public final class JsonObject {
  private static final String HEX = "0123456789abcdef";

  /** For each byte, 1 if it can need escaping. */
  private static final byte[] SPECIAL = special();

  private final StringBuilder out;

  public JsonObject() {
    this(256);
  }

  /**
   * Starts an empty object.
   *
   * @param room the expected number of characters
   */
  public JsonObject(int room) {
    this.out = new StringBuilder(room).append('{');
  }

  public JsonObject text(String name, String value) {
    begin(name);
    quoted(value);
    return this;
  }

  /** Adds a member if the value is present. */
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

  /** Adds an object of lists of texts. */
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

  /** Adds the value {@code null}. */
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

  /** Adds an object, which must not be changed afterwards. */
  public JsonObject object(String name, JsonObject value) {
    begin(name);
    out.append(value.out).append('}');
    return this;
  }

  /** Adds a list of objects, which must not be changed afterwards. */
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

  /** Adds a list that contains one list of texts. */
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

  /** Returns the whole object; nothing can be added afterwards. */
  public byte[] utf8() {
    return out.append('}').toString().getBytes(UTF_8);
  }

  /** Returns the whole object and a newline; nothing can be added afterwards. */
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
      // The common case.
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

  /**
   * Whether no byte needs escaping. It scans to the end, because a loop without an exit is faster.
   */
  private static boolean isPlain(byte[] utf8) {
    int special = 0;
    for (byte b : utf8) {
      special |= SPECIAL[b & 0xff];
    }
    return special == 0;
  }

  /** Whether the character is printable ASCII that needs no escaping. */
  private static boolean isPlain(char c) {
    return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
  }

  private static byte[] special() {
    byte[] special = new byte[0x100];
    for (char c = 0; c < special.length; c++) {
      // Half of a surrogate pair is encoded as a question mark.
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
