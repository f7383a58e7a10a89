package tokenvending.configuration;

/** A position in a text; line and column are counted from 1, and 0 for the text as a whole. */
record Position(int line, int column) {
  static final Position WHOLE = new Position(0, 0);
}
