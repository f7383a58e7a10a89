package tokenvending.momentolocal.permission;

/** What a call needs. For topics, READ is subscribe and WRITE is publish. */
public enum Right {
  /** The answer reveals stored state and changes nothing. */
  READ,
  /** Stored state changes and the answer reveals nothing of it. */
  WRITE,
  /** Both at once, from one statement: conditional writes, increments, changes of a lifetime. */
  READ_AND_WRITE
}
