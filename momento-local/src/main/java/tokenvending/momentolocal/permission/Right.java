package tokenvending.momentolocal.permission;

/** What a call requires. For topics, READ is subscribe and WRITE is publish. */
public enum Right {
  /** The call returns stored data and changes nothing. */
  READ,
  /** The call changes stored data and returns none of it. */
  WRITE,
  /** Both, from one statement: conditional writes, increments, changes of a lifetime. */
  READ_AND_WRITE
}
