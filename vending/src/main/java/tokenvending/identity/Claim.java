package tokenvending.identity;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** A verified claim. Numbers and booleans are kept in their JSON form. */
public sealed interface Claim {
  /** Whether the claim is, or contains, one of the values. */
  boolean isAnyOf(List<String> values);

  /** A single value. Only such a claim can be used in a template. */
  record One(String value) implements Claim {
    @Override
    public boolean isAnyOf(List<String> values) {
      return values.contains(value);
    }
  }

  /** A list of values. */
  record Many(List<String> values) implements Claim {
    public Many {
      values = List.copyOf(values);
    }

    @Override
    public boolean isAnyOf(List<String> wanted) {
      for (String value : values) {
        if (wanted.contains(value)) {
          return true;
        }
      }
      return false;
    }
  }

  /** An object. As a role map, its member names are the roles. */
  record Members(Map<String, Claim> values) implements Claim {
    public Members {
      values = Map.copyOf(values);
    }

    /** The names of the members that are {@code true} or an object that is not empty. */
    public Set<String> roles() {
      return values.entrySet().stream()
          .filter(member -> isHeld(member.getValue()))
          .map(Map.Entry::getKey)
          .collect(Collectors.toUnmodifiableSet());
    }

    private static boolean isHeld(Claim role) {
      return switch (role) {
        case One(String value) -> value.equals("true");
        case Members(Map<String, Claim> members) -> !members.isEmpty();
        case Many _, Unreadable _ -> false;
      };
    }

    @Override
    public boolean isAnyOf(List<String> wanted) {
      Set<String> roles = roles();
      return wanted.stream().anyMatch(roles::contains);
    }
  }

  /** A list with elements, none of which is a string, number or boolean. */
  record Unreadable() implements Claim {
    @Override
    public boolean isAnyOf(List<String> wanted) {
      return false;
    }
  }
}
