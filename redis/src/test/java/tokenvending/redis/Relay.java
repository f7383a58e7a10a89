package tokenvending.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import tokenvending.secret.Secret;
import tokenvending.testing.Await;

/** A way to a store on which bytes take time, each way, and answers can be late. */
final class Relay implements AutoCloseable {
  private final ServerSocket listening;
  private final int target;
  private final long eachWayNanos;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private volatile long heldSince = System.nanoTime();
  private volatile long heldUntil = System.nanoTime();

  /** Bytes, as ISO 8859-1, and when they arrive. */
  private record Portion(String bytes, long dueAt) {}

  private Relay(int target, Duration eachWay) throws IOException {
    this.target = target;
    this.eachWayNanos = eachWay.toNanos();
    this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  static Relay to(int port, Duration eachWay) {
    try {
      return new Relay(port, eachWay);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Secret address() {
    return Secret.of("redis://127.0.0.1:" + listening.getLocalPort());
  }

  Secret address(Duration timeout) {
    return Secret.of(
        "redis://127.0.0.1:%d?timeout=%dms"
            .formatted(listening.getLocalPort(), timeout.toMillis()));
  }

  /** One late answer on the connections of now; those that are made later are quick. */
  void oneLateAnswer(Duration time) {
    heldUntil = System.nanoTime() + time.toNanos();
    heldSince = System.nanoTime();
  }

  private void accept() {
    try {
      while (!listening.isClosed()) {
        Socket from = listening.accept();
        Socket to = new Socket(InetAddress.getLoopbackAddress(), target);
        from.setTcpNoDelay(true);
        to.setTcpNoDelay(true);
        sockets.addAll(List.of(from, to));
        long opened = System.nanoTime();
        pass(from, to, () -> 0L);
        // A connection that was made since is not late.
        pass(to, from, () -> opened - heldSince < 0 ? heldUntil : 0L);
      }
    } catch (IOException e) {
      // Closed: the test is over.
    }
  }

  /** The earliest time at which bytes may arrive, or 0. */
  private interface Hold {
    long until();
  }

  private void pass(Socket from, Socket to, Hold hold) {
    BlockingQueue<Portion> under = new LinkedBlockingQueue<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                InputStream in = from.getInputStream();
                byte[] buffer = new byte[8192];
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                  String bytes = new String(buffer, 0, read, ISO_8859_1);
                  under.add(new Portion(bytes, System.nanoTime() + eachWayNanos));
                }
              } catch (IOException e) {
                // One end is gone.
              }
              under.add(new Portion("", System.nanoTime()));
            });
    Thread.ofVirtual()
        .start(
            () -> {
              try (from;
                  to) {
                OutputStream out = to.getOutputStream();
                while (true) {
                  Portion next = under.take();
                  if (next.bytes().isEmpty()) {
                    return;
                  }
                  long held = hold.until();
                  long due = held == 0 ? next.dueAt() : Math.max(next.dueAt(), held);
                  Await.pass(Duration.ofNanos(due - System.nanoTime()));
                  out.write(next.bytes().getBytes(ISO_8859_1));
                  out.flush();
                }
              } catch (IOException | InterruptedException e) {
                // One end is gone.
              }
            });
  }

  @Override
  public void close() {
    try {
      listening.close();
      for (Socket socket : new ArrayList<>(sockets)) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
