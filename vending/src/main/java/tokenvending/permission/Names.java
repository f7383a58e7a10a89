package tokenvending.permission;

import tokenvending.text.PlainText;

/** Validates the names, keys and prefixes of selectors. */
final class Names {
  private Names() {}

  /**
   * Returns the name. Momento rejects empty names, and unprintable characters cannot be reviewed.
   *
   * @throws IllegalArgumentException if the name is empty or has an unprintable character
   */
  static String checked(String name) {
    if (name.isEmpty() || !PlainText.isPlain(name)) {
      throw new IllegalArgumentException(
          "a selector needs a non-empty name of printable characters");
    }
    return name;
  }
}
