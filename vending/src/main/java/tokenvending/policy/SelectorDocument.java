package tokenvending.policy;

/** A selector as written, with its templates not parsed. */
public sealed interface SelectorDocument {
  /** The bare word {@code all}. */
  record All() implements SelectorDocument {}

  /** One name or key, which can contain templates. */
  record Exact(String text) implements SelectorDocument {}

  /** A prefix, which can contain templates but cannot end in one. */
  record Prefix(String text) implements SelectorDocument {}
}
