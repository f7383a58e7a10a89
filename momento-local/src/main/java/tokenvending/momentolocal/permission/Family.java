package tokenvending.momentolocal.permission;

/** The kind of thing a statement speaks of; a statement of one family never grants in another. */
public enum Family {
  CACHE,
  TOPIC,
  FUNCTION
}
