package tokenvending.permission;

/** Which items of a cache a permission is about. */
public sealed interface ItemSelector {
  /** Whether everything that the other selector matches is matched by this one. */
  boolean covers(ItemSelector other);

  /** Every item. */
  record AllItems() implements ItemSelector {
    @Override
    public boolean covers(ItemSelector other) {
      return true;
    }
  }

  /** The item with this key; for a collection, its name. Compared byte by byte, case included. */
  record ItemKey(String key) implements ItemSelector {
    public ItemKey {
      Names.checked(key);
    }

    @Override
    public boolean covers(ItemSelector other) {
      return equals(other);
    }
  }

  /** Items whose key begins with this prefix; the prefix itself is one of them. */
  record ItemKeyPrefix(String prefix) implements ItemSelector {
    public ItemKeyPrefix {
      Names.checked(prefix);
    }

    @Override
    public boolean covers(ItemSelector other) {
      return switch (other) {
        case AllItems() -> false;
        case ItemKey(String key) -> key.startsWith(prefix);
        case ItemKeyPrefix(String narrower) -> narrower.startsWith(prefix);
      };
    }
  }
}
