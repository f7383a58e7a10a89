package tokenvending.configuration;

/** A place in a text; line and column are counted from 1, and are 0 for the text as a whole. */
record Position(int line, int column) {
  static final Position WHOLE = new Position(0, 0);
}
