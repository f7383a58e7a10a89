package tokenvending.request;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * A request parameter that {@code tvm.yaml} declares.
 *
 * @param maxLength in UTF-16 units
 * @param required whether a request without it is malformed
 */
public record Parameter(String name, int maxLength, boolean required) {
  /** The names of built-in parameters; a file cannot declare them. */
  public static final Set<String> RESERVED = Set.of("ttl", "permission");

  /** The largest {@code maxLength} that a file can declare. */
  public static final int LENGTH_LIMIT = 1024;

  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,63}");

  public Parameter {
    if (!isName(name) || maxLength < 1 || maxLength > LENGTH_LIMIT) {
      throw new IllegalArgumentException("not a parameter declaration");
    }
  }

  /** Whether a file can declare a parameter of this name. */
  public static boolean isName(String name) {
    return NAME.matcher(name).matches() && !RESERVED.contains(name);
  }
}
