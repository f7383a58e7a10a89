package tokenvending.policy;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code when}: all of it must hold.
 *
 * @param groups the caller must be in one of them; empty asks nothing, so the reader of a file must
 *     refuse an empty list there
 * @param claims each named claim must be, or contain, one of the values
 */
public record ConditionDocument(List<String> groups, Map<String, List<String>> claims) {
  public ConditionDocument {
    groups = List.copyOf(groups);
    Map<String, List<String>> copy = new LinkedHashMap<>();
    claims.forEach((claim, values) -> copy.put(claim, List.copyOf(values)));
    claims = Collections.unmodifiableMap(copy);
  }

  /** Asks nothing. */
  public static ConditionDocument everyone() {
    return new ConditionDocument(List.of(), Map.of());
  }

  public boolean asksNothing() {
    return groups.isEmpty() && claims.isEmpty();
  }
}
