package tokenvending.testing;

/** A store in a process of its own, and what can happen to it. */
public interface StoreProcess extends AutoCloseable {
  /** Stops it with SIGSTOP: its connections stand, and nothing is answered. */
  void stop();

  /** Lets it go on after {@link #stop}. */
  void goOn();

  /** With SIGKILL. */
  void kill();

  /** After {@link #kill}, at the same port, and empty. */
  void startAgain();

  /** It forgets everything, and goes on. */
  void empty();

  @Override
  void close();
}
