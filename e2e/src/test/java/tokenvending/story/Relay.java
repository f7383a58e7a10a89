package tokenvending.story;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands between an SDK and a service, passes everything on, and counts the HTTP/2 frames that keep
 * a connection alive or end it (RFC 9113 §6.7, §6.8).
 */
final class Relay implements AutoCloseable {

  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int CLIENT_PREFACE = 24;
  private static final int FRAME_HEADER = 9;

  private final ServerSocket entrance;
  private final URI service;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final AtomicInteger pings = new AtomicInteger();
  private final AtomicInteger goAways = new AtomicInteger();
  private final AtomicInteger closed = new AtomicInteger();

  private Relay(ServerSocket entrance, URI service) {
    this.entrance = entrance;
    this.service = service;
  }

  static Relay to(URI service) throws IOException {
    Relay relay = new Relay(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), service);
    Thread.ofVirtual().start(relay::accept);
    return relay;
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + entrance.getLocalPort());
  }

  /** How many PING frames the client has sent, answers to the server's included. */
  int pings() {
    return pings.get();
  }

  /** How many GOAWAY frames the server has sent. */
  int goAways() {
    return goAways.get();
  }

  /** How many streams of bytes have ended, in either direction. */
  int closed() {
    return closed.get();
  }

  @Override
  public void close() throws IOException {
    entrance.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private void accept() {
    while (!entrance.isClosed()) {
      try {
        Socket client = entrance.accept();
        Socket server = new Socket(service.getHost(), service.getPort());
        sockets.addAll(List.of(client, server));
        Thread.ofVirtual().start(() -> pass(client, server, CLIENT_PREFACE, PING, pings));
        Thread.ofVirtual().start(() -> pass(server, client, 0, GOAWAY, goAways));
      } catch (IOException e) {
        // Closed, or the service is gone: the client sees a connection that ends.
        return;
      }
    }
  }

  private void pass(Socket from, Socket to, int preface, int type, AtomicInteger count) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      out.write(in.readNBytes(preface));
      out.flush();
      byte[] header = in.readNBytes(FRAME_HEADER);
      while (header.length == FRAME_HEADER) {
        if (header[3] == type) {
          count.incrementAndGet();
        }
        int length = (header[0] & 0xff) << 16 | (header[1] & 0xff) << 8 | (header[2] & 0xff);
        out.write(header);
        out.write(in.readNBytes(length));
        out.flush();
        header = in.readNBytes(FRAME_HEADER);
      }
    } catch (IOException e) {
      // One side has gone; closing both is all there is to do.
    } finally {
      closed.incrementAndGet();
    }
  }
}
