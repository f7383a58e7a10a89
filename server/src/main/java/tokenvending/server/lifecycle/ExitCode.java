package tokenvending.server.lifecycle;

/** The exit codes of commands. */
public final class ExitCode {
  /** Done. */
  public static final int DONE = 0;

  /** Valid input, but rejected or not possible now. */
  public static final int REFUSED = 1;

  /** Invalid input; nothing was tried. */
  public static final int WRONG_INPUT = 2;

  private ExitCode() {}
}
