package tokenvending.momento;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tokenvending.issuing.IssueResult;
import tokenvending.issuing.IssueResult.Cause;
import tokenvending.issuing.IssueResult.Issued;
import tokenvending.issuing.IssueResult.Unavailable;
import tokenvending.momento.netty.NettyConnector;

/** A connection that is open and dead: what a crashed peer or a forgetful firewall leaves. */
class HungConnectionTest {
  /** Passes bytes on, until it is told that the connections it has are dead. */
  private static final class Wire implements AutoCloseable {
    private final ServerSocket listening;
    private final int target;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile AtomicBoolean alive = new AtomicBoolean(true);

    Wire(int target) throws IOException {
      this.target = target;
      this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      Thread.ofVirtual().start(this::accept);
    }

    int port() {
      return listening.getLocalPort();
    }

    void kill() {
      alive.set(false);
      alive = new AtomicBoolean(true);
    }

    private void accept() {
      try {
        while (!listening.isClosed()) {
          Socket from = listening.accept();
          Socket to = new Socket(InetAddress.getLoopbackAddress(), target);
          sockets.add(from);
          sockets.add(to);
          AtomicBoolean mine = alive;
          Thread.ofVirtual().start(() -> pass(from, to, mine));
          Thread.ofVirtual().start(() -> pass(to, from, mine));
        }
      } catch (IOException e) {
        // Closed: the test is over.
      }
    }

    private static void pass(Socket from, Socket to, AtomicBoolean alive) {
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        byte[] buffer = new byte[8192];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          if (alive.get()) {
            out.write(buffer, 0, read);
          }
        }
      } catch (IOException e) {
        // One end is gone.
      }
    }

    @Override
    public void close() throws IOException {
      listening.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  @Test
  @Timeout(120)
  void dead_connection_is_noticed_soon() throws IOException {
    try (FakeTokenService service = FakeTokenService.issuing();
        Wire wire = new Wire(service.port());
        IssuingRow issuer =
            new IssuingRow(
                MomentoTokenIssuerTest.fixed(MomentoTokenIssuerTest.key("raw-key")),
                Optional.of(MomentoTokenIssuerTest.address("http://127.0.0.1:" + wire.port())),
                NettyConnector.nio(),
                Duration.ofMillis(500),
                new CountingBudget(),
                InstantSource.system(),
                System::nanoTime,
                RandomGenerator.getDefault())) {
      IssueResult result = new Unavailable(Cause.UPSTREAM_UNAVAILABLE, Duration.ZERO);
      for (int i = 0; i < 20 && !(result instanceof Issued); i++) {
        result = issuer.issue(Grants.of("ReadOnly cache=a"), Grants.HERE);
      }
      MomentoTokenIssuerTest.issued(result);
      wire.kill();
      long start = System.nanoTime();
      assertThat(issuer.issue(Grants.of("ReadOnly cache=a"), Grants.HERE))
          .isEqualTo(new Unavailable(Cause.UPSTREAM_TIMED_OUT, Duration.ofSeconds(2)));
      do {
        result = issuer.issue(Grants.of("ReadOnly cache=a"), Grants.HERE);
      } while (!(result instanceof Issued)
          && System.nanoTime() - start < Duration.ofSeconds(60).toNanos());
      // Without pings it would take the operating system many minutes.
      MomentoTokenIssuerTest.issued(result);
    }
  }
}
