package tokenvending.configuration;

/**
 * A key that a section may have.
 *
 * @param doc a sentence for whoever writes the file; editors show it
 */
record Key<T>(String name, Shape<T> shape, boolean required, String doc) {
  static <T> Key<T> required(String name, Shape<T> shape, String doc) {
    return new Key<>(name, shape, true, doc);
  }

  static <T> Key<T> optional(String name, Shape<T> shape, String doc) {
    return new Key<>(name, shape, false, doc);
  }
}
