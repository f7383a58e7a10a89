package tokenvending.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A connection on which bytes are sent as they are. Waits ten seconds at most for each read. */
public final class Wire implements AutoCloseable {
  private final Socket socket;
  private final InputStream in;

  private Wire(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream());
  }

  static Wire to(int port) {
    try {
      return over(new Socket(InetAddress.getLoopbackAddress(), port));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static Wire over(Socket socket) throws IOException {
    socket.setSoTimeout(10_000);
    socket.setTcpNoDelay(true);
    return new Wire(socket);
  }

  /** Sends, as one byte for each char. */
  public Wire send(String bytes) {
    try {
      socket.getOutputStream().write(bytes.getBytes(ISO_8859_1));
      socket.getOutputStream().flush();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends where the other side may have gone. */
  boolean sends(String bytes) {
    try {
      send(bytes);
      return true;
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  /** The next answer, of a request that was no HEAD. */
  public Answer answer() {
    return answer(true);
  }

  public Answer answer(boolean withBody) {
    try {
      String first = line();
      List<String> headers = new ArrayList<>();
      int length = 0;
      for (String line = line(); !line.isEmpty(); line = line()) {
        int colon = line.indexOf(':');
        String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
        String value = line.substring(colon + 1).strip();
        headers.add(name + ": " + value);
        if (name.equals("content-length")) {
          length = Integer.parseInt(value);
        }
      }
      String body = withBody ? new String(in.readNBytes(length), ISO_8859_1) : "";
      return ErrorBodies.checked(
          new Answer(Integer.parseInt(first.split(" ", -1)[1]), headers, body));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new IOException("the connection ended");
      }
      line.write(b);
    }
    return line.toString(ISO_8859_1).stripTrailing();
  }

  /** Whether the other side closes, with nothing more to read; waits for it. */
  public boolean ends() {
    try {
      return in.read() < 0;
    } catch (SocketException e) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether the other side closes, whatever it sends before; waits for it. */
  boolean closes() {
    try {
      in.readAllBytes();
      return true;
    } catch (SocketException e) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
