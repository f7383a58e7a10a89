package tokenvending.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The parser of {@link Json#object(String)}. It rejects what common parsers accept: duplicate
 * members, a byte-order mark, control characters in strings.
 */
final class JsonReader {
  /** The most levels of objects and lists; the deepest known document, an AWS event, has six. */
  static final int DEEPEST = 12;

  private static final Pattern NUMBER =
      Pattern.compile("-?(?:0|[1-9][0-9]{0,39})(?:\\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,3})?");

  private final String text;
  private int at;

  JsonReader(String text) {
    this.text = text;
  }

  Optional<Json.Members> document() {
    try {
      skipSpace();
      Json.Members members = members(1);
      skipSpace();
      return at == text.length() ? Optional.of(members) : Optional.empty();
    } catch (Malformed _) {
      return Optional.empty();
    }
  }

  private Json value(int depth) throws Malformed {
    return switch (peek()) {
      case '{' -> members(depth + 1);
      case '[' -> items(depth + 1);
      case '"' -> new Json.Text(string());
      case 't' -> word("true", new Json.Bool(true));
      case 'f' -> word("false", new Json.Bool(false));
      case 'n' -> word("null", new Json.Null());
      default -> number();
    };
  }

  private Json.Members members(int depth) throws Malformed {
    descend(depth);
    expect('{');
    Map<String, Json> members = new LinkedHashMap<>();
    skipSpace();
    if (peek() == '}') {
      at++;
      return new Json.Members(members);
    }
    while (true) {
      skipSpace();
      String name = string();
      skipSpace();
      expect(':');
      skipSpace();
      @Nullable Json earlier = members.put(name, value(depth));
      if (earlier != null) {
        throw new Malformed();
      }
      skipSpace();
      if (peek() == '}') {
        at++;
        return new Json.Members(members);
      }
      expect(',');
    }
  }

  private Json.Items items(int depth) throws Malformed {
    descend(depth);
    expect('[');
    List<Json> items = new ArrayList<>();
    skipSpace();
    if (peek() == ']') {
      at++;
      return new Json.Items(items);
    }
    while (true) {
      skipSpace();
      items.add(value(depth));
      skipSpace();
      if (peek() == ']') {
        at++;
        return new Json.Items(items);
      }
      expect(',');
    }
  }

  private String string() throws Malformed {
    expect('"');
    StringBuilder string = new StringBuilder();
    while (true) {
      char c = next();
      if (c == '"') {
        break;
      }
      if (c < ' ') {
        throw new Malformed();
      }
      string.append(c == '\\' ? escaped() : c);
    }
    for (int i = 0; i < string.length(); ) {
      int codePoint = string.codePointAt(i);
      if (Character.getType(codePoint) == Character.SURROGATE) {
        throw new Malformed();
      }
      i += Character.charCount(codePoint);
    }
    return string.toString();
  }

  private char escaped() throws Malformed {
    return switch (next()) {
      case '"' -> '"';
      case '\\' -> '\\';
      case '/' -> '/';
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> {
        int unit = 0;
        for (int i = 0; i < 4; i++) {
          char c = next();
          int digit = c < 128 ? Character.digit(c, 16) : -1;
          if (digit < 0) {
            throw new Malformed();
          }
          unit = unit * 16 + digit;
        }
        yield (char) unit;
      }
      default -> throw new Malformed();
    };
  }

  private Json number() throws Malformed {
    Matcher number = NUMBER.matcher(text).region(at, text.length());
    if (!number.lookingAt()) {
      throw new Malformed();
    }
    at = number.end();
    return new Json.Numeral(number.group());
  }

  private Json word(String word, Json meaning) throws Malformed {
    if (!text.startsWith(word, at)) {
      throw new Malformed();
    }
    at += word.length();
    return meaning;
  }

  private void descend(int depth) throws Malformed {
    if (depth > DEEPEST) {
      throw new Malformed();
    }
  }

  private void skipSpace() {
    while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private char peek() throws Malformed {
    if (at >= text.length()) {
      throw new Malformed();
    }
    return text.charAt(at);
  }

  private char next() throws Malformed {
    char c = peek();
    at++;
    return c;
  }

  private void expect(char wanted) throws Malformed {
    if (next() != wanted) {
      throw new Malformed();
    }
  }

  /** Ends the recursion; never leaves this class. */
  private static final class Malformed extends Exception {
    private static final long serialVersionUID = 1;

    Malformed() {
      // Without a stack trace: input of unauthenticated clients must be cheap to reject.
      super(null, null, false, false);
    }
  }
}
