package tokenvending.identity;

import java.util.Set;

/** The groups of a caller, as the credential states them. */
public sealed interface Groups {
  /** The groups; none where the credential states none that can be read. */
  default Set<String> names() {
    return switch (this) {
      case Listed(Set<String> names) -> names;
      case Absent _, Unreadable _ -> Set.of();
    };
  }

  /** These, perhaps none. */
  record Listed(Set<String> names) implements Groups {
    public Listed {
      names = Set.copyOf(names);
    }
  }

  /** The credential has no such claim. */
  record Absent(String claim) implements Groups {}

  /** The claim is neither a text, nor a list with a text in it, nor a role map. */
  record Unreadable(String claim) implements Groups {}
}
