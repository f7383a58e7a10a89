package tokenvending.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tokenvending.secret.Secret;

/** A redis-server process on loopback that writes nothing to disk. */
public final class RedisProcess implements StoreProcess {
  private static final Duration SETTLE = Duration.ofSeconds(5);
  private static final int TIMEOUT_MILLIS = 20_000;

  private final LoopbackProcess process;
  private long startedAt = System.nanoTime();

  private RedisProcess(LoopbackProcess process) {
    this.process = process;
  }

  /** Starts a process with additional command-line options, and waits until it responds. */
  public static RedisProcess start(Path folder, String... options) {
    return new RedisProcess(
        LoopbackProcess.start(
            folder,
            port -> {
              List<String> command = new ArrayList<>(List.of("redis-server", "--port", port));
              command.addAll(List.of("--bind", "127.0.0.1", "--save", "", "--appendonly", "no"));
              command.addAll(List.of(options));
              return command;
            },
            // A server that requires a password responds as well.
            port -> say(port, "PING").matches("\\+PONG|-NOAUTH .*")));
  }

  /**
   * Waits until a new queue in it is open: a store that has just started could have lost another
   * one.
   */
  public RedisProcess settled() {
    Await.until("settled", () -> System.nanoTime() - startedAt >= SETTLE.toNanos());
    return this;
  }

  public Secret address() {
    return Secret.of("redis://127.0.0.1:" + port());
  }

  public int port() {
    return process.port();
  }

  @Override
  public void kill() {
    process.kill();
  }

  @Override
  public void startAgain() {
    process.startAgain();
    startedAt = System.nanoTime();
  }

  @Override
  public void stop() {
    process.signal("STOP");
  }

  @Override
  public void goOn() {
    process.signal("CONT");
  }

  @Override
  public void empty() {
    var _ = say("FLUSHALL");
  }

  /** Sends a one-line command and returns the first line of the reply. */
  public String say(String command) {
    try {
      return say(port(), command);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String say(int port, String command) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.getOutputStream().write((command + "\r\n").getBytes(US_ASCII));
      BufferedReader reply =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
      return String.valueOf(reply.readLine());
    }
  }
}
