package tokenvending.server;

/** What commands end with. */
final class ExitCode {
  /** Done. */
  static final int DONE = 0;

  /** Understood, but refused or not possible here and now. */
  static final int REFUSED = 1;

  /** The input is wrong; nothing was tried. */
  static final int WRONG_INPUT = 2;

  private ExitCode() {}
}
