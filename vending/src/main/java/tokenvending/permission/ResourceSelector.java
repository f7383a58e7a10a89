package tokenvending.permission;

/** Which items, topics or functions of a cache a permission is about. */
public sealed interface ResourceSelector {
  /** Whether everything that the other selector matches is matched by this one. */
  boolean covers(ResourceSelector other);

  /** Every one. */
  record All() implements ResourceSelector {
    @Override
    public boolean covers(ResourceSelector other) {
      return true;
    }
  }

  /**
   * The one of this name: an item's key, or for a collection its name. Compared byte by byte, case
   * included.
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

  /** Those whose name begins with this prefix; the prefix itself is one of them. */
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
