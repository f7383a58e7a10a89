package tokenvending.momentolocal.permission;

/** The type of resource of a statement; a statement grants nothing on other types. */
public enum Family {
  CACHE,
  TOPIC,
  FUNCTION
}
