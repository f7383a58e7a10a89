package tokenvending.identity;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds a value in nested objects by a member's name, or by a path of names joined by dots. At
 * every level a member with the whole remaining name comes first, then the longest prefix that ends
 * before a dot. Names that contain dots are therefore found.
 */
public final class ClaimPath {
  private ClaimPath() {}

  /**
   * Returns the value at a path; empty if there is none.
   *
   * @param inside the members of a value that is an object; empty for any other value
   */
  public static <V> Optional<V> find(
      Map<String, V> members, String path, Function<V, Optional<Map<String, V>>> inside) {
    @Nullable V whole = members.get(path);
    if (whole != null) {
      return Optional.of(whole);
    }
    for (int dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
      @Nullable V outer = members.get(path.substring(0, dot));
      if (outer != null) {
        String rest = path.substring(dot + 1);
        Optional<V> found = inside.apply(outer).flatMap(inner -> find(inner, rest, inside));
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }
}
