package tokenvending.identity;

import java.util.Set;

/** The groups that a credential states for its caller. */
public sealed interface Groups {
  /** The group names; empty if the credential states no readable groups. */
  default Set<String> names() {
    return switch (this) {
      case Listed(Set<String> names) -> names;
      case Absent _, Unreadable _ -> Set.of();
    };
  }

  /** The stated groups, possibly none. */
  record Listed(Set<String> names) implements Groups {
    public Listed {
      names = Set.copyOf(names);
    }
  }

  /** The credential has no such claim. */
  record Absent(String claim) implements Groups {}

  /** The claim is not a string, a list that contains a string, or a role map. */
  record Unreadable(String claim) implements Groups {}
}
