package tokenvending.identity;

import java.util.List;

/** A verified claim. Numbers and booleans are kept in their JSON form; objects are not kept. */
public sealed interface Claim {
  /** Whether the claim is, or contains, one of the values. */
  boolean isAnyOf(List<String> values);

  /** A single value; only such a claim may stand in a template. */
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
}
