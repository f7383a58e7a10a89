package tokenvending.server.lifecycle;

/** What commands end with. */
public final class ExitCode {
  /** Done. */
  public static final int DONE = 0;

  /** Understood, but refused or not possible here and now. */
  public static final int REFUSED = 1;

  /** The input is wrong; nothing was tried. */
  public static final int WRONG_INPUT = 2;

  private ExitCode() {}
}
