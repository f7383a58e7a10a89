package tokenvending.permission;

/** Selects the items, topics or functions of a permission. */
public sealed interface ResourceSelector {
  /** Whether this selector matches everything that the other one matches. */
  boolean covers(ResourceSelector other);

  /** Every resource. */
  record All() implements ResourceSelector {
    @Override
    public boolean covers(ResourceSelector other) {
      return true;
    }
  }

  /**
   * One resource: an item by its key, or a collection by its name. Names are compared byte by byte
   * and are case-sensitive.
   */
  record Named(String name) implements ResourceSelector {
    public Named {
      Names.checked(name);
    }

    @Override
    public boolean covers(ResourceSelector other) {
      return equals(other);
    }
  }

  /** The resources whose names begin with a prefix, including the prefix itself. */
  record Prefixed(String prefix) implements ResourceSelector {
    public Prefixed {
      Names.checked(prefix);
    }

    @Override
    public boolean covers(ResourceSelector other) {
      return switch (other) {
        case All() -> false;
        case Named(String name) -> name.startsWith(prefix);
        case Prefixed(String narrower) -> narrower.startsWith(prefix);
      };
    }
  }
}
