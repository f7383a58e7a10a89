package tokenvending.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tokenvending.secret.Secret;

/**
 * A real redis-server at a port of its own on the loopback address, that keeps nothing; it can be
 * stopped, killed and started again. The program must be installed.
 */
public final class RedisProcess implements StoreProcess {
  private static final Duration START = Duration.ofSeconds(20);
  private static final Duration SETTLE = Duration.ofSeconds(5);
  private static final int ATTEMPTS = 5;

  private final Path folder;
  private final int port;
  private final List<String> options;
  private Process process;
  private long startedAt;

  private RedisProcess(Path folder, int port, List<String> options, Process process) {
    this.folder = folder;
    this.port = port;
    this.options = options;
    this.process = process;
    this.startedAt = System.nanoTime();
  }

  /**
   * Starts one, and waits until it answers.
   *
   * @param options of its command line, beside those that are said here
   */
  public static RedisProcess start(Path folder, String... options) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int port = freePort();
      Process process = launch(folder, port, List.of(options));
      // Somebody else may have taken the port in between; then the process ends.
      if (answers(process, port)) {
        return new RedisProcess(folder, port, List.of(options), process);
      }
      kill(process);
    }
    throw new AssertionError("redis-server does not start; its log is in " + folder);
  }

  /**
   * Waits until it has been up for so long that a new line in it is open: a store that has just
   * been started may have forgotten one.
   */
  public RedisProcess settled() {
    while (System.nanoTime() - startedAt < SETTLE.toNanos()) {
      pause(Duration.ofMillis(20));
    }
    return this;
  }

  public Secret address() {
    return Secret.of("redis://127.0.0.1:" + port);
  }

  @Override
  public void kill() {
    kill(process);
  }

  @Override
  public void startAgain() {
    process = launch(folder, port, options);
    if (!answers(process, port)) {
      throw new AssertionError("redis-server does not start again");
    }
    startedAt = System.nanoTime();
  }

  @Override
  public void stop() {
    signal("STOP");
  }

  @Override
  public void goOn() {
    signal("CONT");
  }

  @Override
  public void empty() {
    var _ = say("FLUSHALL");
  }

  private void signal(String name) {
    signal(process, name);
  }

  /** Sends a signal to a process that the caller started. */
  public static void signal(Process process, String name) {
    try {
      Process kill =
          new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start();
      if (kill.waitFor() != 0) {
        throw new AssertionError("no such process: " + process.pid());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static Process launch(Path folder, int port, List<String> options) {
    List<String> command =
        new ArrayList<>(List.of("redis-server", "--port", Integer.toString(port)));
    command.addAll(List.of("--bind", "127.0.0.1", "--save", "", "--appendonly", "no"));
    command.addAll(options);
    try {
      return new ProcessBuilder(command)
          .directory(folder.toFile())
          .redirectErrorStream(true)
          .redirectOutput(
              ProcessBuilder.Redirect.appendTo(new File(folder.toFile(), "redis-" + port + ".log")))
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "redis-server is missing: install it (Debian: redis-server)", e);
    }
  }

  public int port() {
    return port;
  }

  /** Sends one command in one line, and gives the first line of the answer. */
  public String say(String command) {
    try {
      return say(port, command);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String say(int port, String command) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout((int) START.toMillis());
      socket.getOutputStream().write((command + "\r\n").getBytes(US_ASCII));
      BufferedReader answer =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
      return String.valueOf(answer.readLine());
    }
  }

  private static boolean answers(Process process, int port) {
    long until = System.nanoTime() + START.toNanos();
    while (process.isAlive() && System.nanoTime() - until < 0) {
      try {
        // One that asks for a password answers, too.
        if (say(port, "PING").matches("\\+PONG|-NOAUTH .*") && process.isAlive()) {
          return true;
        }
      } catch (IOException e) {
        // Not yet.
      }
      pause(Duration.ofMillis(20));
    }
    return false;
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void kill(Process process) {
    process.destroyForcibly();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        throw new AssertionError("redis-server does not end");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    kill(process);
  }
}
