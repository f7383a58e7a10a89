package tokenvending.policy;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The condition of a rule, {@code when}. All of it must hold.
 *
 * @param groups the caller must be in one of them; an empty list requires nothing, so the file's
 *     reader must reject one
 * @param claims each named claim must be, or contain, one of the values
 */
public record ConditionDocument(List<String> groups, Map<String, List<String>> claims) {
  public ConditionDocument {
    groups = List.copyOf(groups);
    Map<String, List<String>> copy = new LinkedHashMap<>();
    claims.forEach((claim, values) -> copy.put(claim, List.copyOf(values)));
    claims = Collections.unmodifiableMap(copy);
  }

  /** A condition that always holds. */
  public static ConditionDocument everyone() {
    return new ConditionDocument(List.of(), Map.of());
  }

  public boolean asksNothing() {
    return groups.isEmpty() && claims.isEmpty();
  }
}
