package tokenvending.policy;

/** A selector as written, templates unread. */
public sealed interface SelectorDocument {
  /** The bare word {@code all}. */
  record All() implements SelectorDocument {}

  /** One name or key; may hold templates. */
  record Exact(String text) implements SelectorDocument {}

  /** Everything that begins so; may hold templates, but not end in one. */
  record Prefix(String text) implements SelectorDocument {}
}
