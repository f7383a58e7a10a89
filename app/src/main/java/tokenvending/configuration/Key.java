package tokenvending.configuration;

/**
 * A key of a section.
 *
 * @param doc a sentence for the file's author, which editors show
 */
record Key<T>(String name, Shape<T> shape, boolean required, String doc) {
  static <T> Key<T> required(String name, Shape<T> shape, String doc) {
    return new Key<>(name, shape, true, doc);
  }

  static <T> Key<T> optional(String name, Shape<T> shape, String doc) {
    return new Key<>(name, shape, false, doc);
  }
}
