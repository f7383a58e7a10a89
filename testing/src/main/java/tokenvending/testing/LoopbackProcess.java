package tokenvending.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program that a test starts, and its port on loopback. */
final class LoopbackProcess {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final int ATTEMPTS = 5;

  /** Returns the command line with which the program listens on a port. */
  @FunctionalInterface
  interface Program {
    List<String> command(String port);
  }

  /** Whether the program on a port responds. */
  @FunctionalInterface
  interface Probe {
    boolean answers(int port) throws IOException;
  }

  private final Path folder;
  private final Program program;
  private final Probe probe;
  private final int port;
  private Process process;

  private LoopbackProcess(Path folder, Program program, Probe probe) {
    this.folder = folder;
    this.program = program;
    this.probe = probe;
    this.port = freePort();
    this.process = launch();
  }

  /** Starts a program in a folder, which also has its log, and waits until it responds. */
  static LoopbackProcess start(Path folder, Program program, Probe probe) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      LoopbackProcess started = new LoopbackProcess(folder, program, probe);
      // If another process took the port in between, the program ends.
      if (started.answers()) {
        return started;
      }
      started.kill();
    }
    throw new AssertionError("does not start: " + program.command("PORT") + ", log in " + folder);
  }

  int port() {
    return port;
  }

  /** Starts the program again on the same port, after {@link #kill}. */
  void startAgain() {
    // A connection can have the port for a moment.
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      process = launch();
      if (answers()) {
        return;
      }
      kill();
    }
    throw new AssertionError("does not start again: " + program.command("PORT"));
  }

  void kill() {
    process.destroyForcibly();
    try {
      if (!process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("does not end: " + program.command("PORT"));
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  void signal(String name) {
    StoreProcess.signal(process, name);
  }

  private Process launch() {
    List<String> command = program.command(Integer.toString(port));
    try {
      return new ProcessBuilder(command)
          .directory(folder.toFile())
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve(port + ".log").toFile()))
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException("install " + command.getFirst(), e);
    }
  }

  private boolean answers() {
    return Await.within(TIMEOUT, () -> !process.isAlive() || responds()) && process.isAlive();
  }

  private boolean responds() {
    try {
      return probe.answers(port);
    } catch (IOException e) {
      return false;
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
