package tokenvending.permission;

import tokenvending.text.PlainText;

/** The rule that every name, key and prefix in a selector obeys. */
final class Names {
  private Names() {}

  /**
   * Returns the name, or throws: Momento refuses empty names, and unprintable ones cannot be
   * reviewed.
   */
  static String checked(String name) {
    if (name.isEmpty() || !PlainText.isPlain(name)) {
      throw new IllegalArgumentException(
          "a selector needs a non-empty name of printable characters");
    }
    return name;
  }
}
