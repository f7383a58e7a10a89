package tokenvending.permission;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tokenvending.permission.CacheSelector.AllCaches;
import tokenvending.permission.CacheSelector.CacheName;
import tokenvending.permission.ResourceSelector.All;
import tokenvending.permission.ResourceSelector.Named;
import tokenvending.permission.ResourceSelector.Prefixed;
import tokenvending.text.PlainText;

/**
 * The compact form of a permission, one line each:
 *
 * <pre>
 * ROLE cache=NAME [key=KEY | key-prefix=PREFIX | topic=NAME | topic-prefix=PREFIX | function=NAME | function-prefix=PREFIX]
 * </pre>
 *
 * <p>The bare word {@code all} selects everything; a value that is that word, or that holds a
 * space, a quote or a backslash, stands in double quotes, with {@code \"} and {@code \\} inside. A
 * cache role without a key is about all items ({@code item=all} says the same).
 */
public final class PermissionText {
  private static final String ALL = "all";
  private static final Set<String> CAN_BE_ALL = Set.of("cache", "item", "topic", "function");

  private PermissionText() {}

  static String write(Permission permission) {
    StringBuilder out = new StringBuilder(permission.role().word());
    switch (permission.cache()) {
      case AllCaches() -> out.append(" cache=").append(ALL);
      case CacheName(String name) -> put(out, "cache", name);
    }
    switch (permission) {
      case CachePermission(var role, var cache, All()) -> {}
      case CachePermission(var role, var cache, var item) -> put(out, "key", item);
      case TopicPermission(var role, var cache, var topic) -> put(out, "topic", topic);
      case FunctionPermission(var role, var cache, var function) -> put(out, "function", function);
    }
    return out.toString();
  }

  private static void put(StringBuilder out, String word, ResourceSelector selector) {
    switch (selector) {
      case All() -> out.append(' ').append(word).append('=').append(ALL);
      case Named(String name) -> put(out, word, name);
      case Prefixed(String prefix) -> put(out, word + "-prefix", prefix);
    }
  }

  private static void put(StringBuilder out, String word, String value) {
    out.append(' ').append(word).append('=');
    if (isBare(value)) {
      out.append(value);
    } else {
      out.append('"').append(value.replace("\\", "\\\\").replace("\"", "\\\"")).append('"');
    }
  }

  private static boolean isBare(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (Character.isSpaceChar(c) || c == '"' || c == '\\') {
        return false;
      }
    }
    return !value.equals(ALL);
  }

  /** Parses the text form; empty for any other text. Never throws. */
  public static Optional<Permission> parse(String text) {
    int space = text.indexOf(' ');
    if (space <= 0) {
      return Optional.empty();
    }
    return fields(text, space).flatMap(fields -> permission(text.substring(0, space), fields));
  }

  /** A value as written: an unquoted {@code all} selects everything, a quoted one is a name. */
  private record Value(String text, boolean quoted) {
    boolean isAll() {
      return !quoted && text.equals(ALL);
    }
  }

  private static Optional<Permission> permission(String role, Map<String, Value> fields) {
    Value cacheValue = fields.get("cache");
    if (cacheValue == null || fields.size() > 2) {
      return Optional.empty();
    }
    CacheSelector cache = cacheValue.isAll() ? new AllCaches() : new CacheName(cacheValue.text());
    String kind = "";
    Value target = new Value(ALL, false);
    for (Map.Entry<String, Value> field : fields.entrySet()) {
      if (!field.getKey().equals("cache")) {
        kind = field.getKey();
        target = field.getValue();
      }
    }
    for (CacheRole cacheRole : CacheRole.values()) {
      if (cacheRole.word().equals(role)) {
        return selector("key", kind, target)
            .map(item -> new CachePermission(cacheRole, cache, item));
      }
    }
    for (TopicRole topicRole : TopicRole.values()) {
      if (topicRole.word().equals(role)) {
        return selector("topic", kind, target)
            .map(topic -> new TopicPermission(topicRole, cache, topic));
      }
    }
    for (FunctionRole functionRole : FunctionRole.values()) {
      if (functionRole.word().equals(role)) {
        return selector("function", kind, target)
            .map(function -> new FunctionPermission(functionRole, cache, function));
      }
    }
    return Optional.empty();
  }

  /** Returns the selector of a field; {@code item=all}, or no field, selects every item. */
  private static Optional<ResourceSelector> selector(String word, String kind, Value value) {
    if (kind.equals(word + "-prefix")) {
      return Optional.of(new Prefixed(value.text()));
    }
    if (kind.equals(word)) {
      return Optional.of(value.isAll() ? new All() : new Named(value.text()));
    }
    boolean everyItem = word.equals("key") && (kind.isEmpty() || kind.equals("item"));
    return everyItem && value.isAll() ? Optional.of(new All()) : Optional.empty();
  }

  /** Parses {@code word=value} pairs, each after one space, without duplicates. */
  private static Optional<Map<String, Value>> fields(String text, int from) {
    Map<String, Value> fields = new LinkedHashMap<>();
    int at = from;
    while (at < text.length()) {
      int equals = text.indexOf('=', at);
      if (text.charAt(at) != ' ' || equals < 0) {
        return Optional.empty();
      }
      String word = text.substring(at + 1, equals);
      StringBuilder value = new StringBuilder();
      boolean quoted = equals + 1 < text.length() && text.charAt(equals + 1) == '"';
      int end = quoted ? quoted(text, equals + 2, value) : bare(text, equals + 1, value);
      boolean misleading = !quoted && value.toString().equals(ALL) && !CAN_BE_ALL.contains(word);
      if (end < 0
          || misleading
          || value.isEmpty()
          || !PlainText.isPlain(value.toString())
          || fields.put(word, new Value(value.toString(), quoted)) != null) {
        return Optional.empty();
      }
      at = end;
    }
    return Optional.of(fields);
  }

  private static int bare(String text, int from, StringBuilder value) {
    int at = from;
    while (at < text.length() && text.charAt(at) != ' ') {
      char c = text.charAt(at++);
      if (c == '"' || c == '\\') {
        return -1;
      }
      value.append(c);
    }
    return at;
  }

  private static int quoted(String text, int from, StringBuilder value) {
    int at = from;
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '"') {
        return at;
      }
      if (c == '\\') {
        if (at == text.length() || (text.charAt(at) != '"' && text.charAt(at) != '\\')) {
          return -1;
        }
        c = text.charAt(at++);
      }
      value.append(c);
    }
    return -1;
  }
}
