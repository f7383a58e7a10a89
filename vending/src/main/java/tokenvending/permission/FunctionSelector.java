package tokenvending.permission;

/** Which functions of a cache a permission is about. */
public sealed interface FunctionSelector {
  /** Whether everything that the other selector matches is matched by this one. */
  boolean covers(FunctionSelector other);

  /** Every function. */
  record AllFunctions() implements FunctionSelector {
    @Override
    public boolean covers(FunctionSelector other) {
      return true;
    }
  }

  /** One function. Compared byte by byte, case included. */
  record FunctionName(String name) implements FunctionSelector {
    public FunctionName {
      Names.checked(name);
    }

    @Override
    public boolean covers(FunctionSelector other) {
      return equals(other);
    }
  }

  /** Functions whose name begins with this prefix; the prefix itself is one of them. */
  record FunctionNamePrefix(String prefix) implements FunctionSelector {
    public FunctionNamePrefix {
      Names.checked(prefix);
    }

    @Override
    public boolean covers(FunctionSelector other) {
      return switch (other) {
        case AllFunctions() -> false;
        case FunctionName(String name) -> name.startsWith(prefix);
        case FunctionNamePrefix(String narrower) -> narrower.startsWith(prefix);
      };
    }
  }
}
