package tokenvending.runtime;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * HTTP/1.1 (RFC 9112) over one socket that is kept open, as far as the Runtime API speaks it. Any
 * library of that would take longer to load than all of a vend. One question at a time; no time
 * limit, since the next event may be hours away.
 */
final class KeptConnection implements AutoCloseable {
  private static final int MOST_HEAD = 64 * 1024;

  /** An event has 6 MB at most, and as much again when AWS escapes it. */
  private static final int MOST_BODY = 32 * 1024 * 1024;

  /** Announcements before an answer (100, 103), of which this one expects none. */
  private static final int MOST_ANNOUNCEMENTS = 8;

  private final InetSocketAddress address;
  private Optional<Wire> open = Optional.empty();

  /**
   * Connects nothing yet.
   *
   * @param authority {@code HOST:PORT}
   */
  KeptConnection(String authority) {
    int colon = authority.lastIndexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException("expected HOST:PORT of the Runtime API");
    }
    this.address =
        new InetSocketAddress(
            authority.substring(0, colon), Integer.parseInt(authority.substring(colon + 1)));
  }

  /** What the other side said. Names of headers are in lower case. */
  static final class Answer {
    private final int status;
    private final Map<String, String> headers;
    private final byte[] body;

    private Answer(int status, Map<String, String> headers, byte[] body) {
      this.status = status;
      this.headers = headers;
      this.body = body;
    }

    int status() {
      return status;
    }

    Map<String, String> headers() {
      return headers;
    }

    byte[] body() {
      return body;
    }
  }

  /** The other side hung up before it said anything. */
  private static final class NoWord extends IOException {
    private static final long serialVersionUID = 1;

    NoWord(IOException cause) {
      super("the Runtime API closed the connection", cause);
    }
  }

  /**
   * Asks, and reads the whole answer. Once more over a fresh connection where the kept one was
   * closed meanwhile.
   *
   * @param head the request line and headers of its own, each ended by CRLF
   */
  Answer ask(String head, byte[] body) throws IOException {
    Optional<Wire> kept = open;
    if (kept.isPresent()) {
      try {
        return ask(kept.get(), head, body);
      } catch (NoWord e) {
        // Closed while nobody asked.
      }
    }
    Wire fresh = Wire.to(address);
    open = Optional.of(fresh);
    return ask(fresh, head, body);
  }

  private Answer ask(Wire wire, String head, byte[] body) throws IOException {
    // Not to be used again unless the whole answer was read.
    open = Optional.empty();
    boolean keep = false;
    try {
      wire.write(request(head, body), body);
      Answer answer = wire.read();
      keep = wire.isWhole();
      return answer;
    } finally {
      if (keep) {
        open = Optional.of(wire);
      } else {
        wire.close();
      }
    }
  }

  private byte[] request(String head, byte[] body) {
    String length = head.startsWith("GET ") ? "" : "Content-Length: " + body.length + "\r\n";
    return (head
            + ("Host: " + address.getHostString() + ":" + address.getPort() + "\r\n")
            + length
            + "\r\n")
        .getBytes(ISO_8859_1);
  }

  @Override
  public void close() {
    open.ifPresent(Wire::close);
    open = Optional.empty();
  }

  /** One socket and what was read from it ahead. */
  private static final class Wire {
    private final Socket socket;
    private final InputStream in;
    private final byte[] buffer = new byte[16 * 1024];
    private int at;
    private int end;
    private int headLeft;
    private boolean last;

    private Wire(Socket socket) throws IOException {
      this.socket = socket;
      this.in = socket.getInputStream();
    }

    static Wire to(InetSocketAddress address) throws IOException {
      Socket socket = new Socket();
      try {
        socket.connect(address);
        socket.setTcpNoDelay(true);
        return new Wire(socket);
      } catch (IOException e) {
        socket.close();
        throw e;
      }
    }

    void write(byte[] head, byte[] body) throws IOException {
      try {
        if (body.length == 0) {
          socket.getOutputStream().write(head);
        } else {
          // In one piece: two would be two packets, and the second may wait for the first.
          byte[] both = new byte[head.length + body.length];
          System.arraycopy(head, 0, both, 0, head.length);
          System.arraycopy(body, 0, both, head.length, body.length);
          socket.getOutputStream().write(both);
        }
      } catch (IOException e) {
        throw new NoWord(e);
      }
    }

    /** Whether the connection can be asked again. */
    boolean isWhole() {
      return !last && at == end;
    }

    Answer read() throws IOException {
      try {
        if (!fill()) {
          throw new EOFException();
        }
      } catch (IOException e) {
        throw new NoWord(e);
      }
      for (int i = 0; i <= MOST_ANNOUNCEMENTS; i++) {
        headLeft = MOST_HEAD;
        String first = line();
        int status = statusOf(first);
        Map<String, String> headers = headers();
        if (status >= 200) {
          last =
              first.startsWith("HTTP/1.0")
                  || headers.getOrDefault("connection", "").equalsIgnoreCase("close");
          return new Answer(status, headers, body(status, headers));
        }
      }
      throw new IOException("the Runtime API announces and does not answer");
    }

    private static int statusOf(String line) throws IOException {
      if (line.length() >= 12 && line.startsWith("HTTP/1.") && line.charAt(8) == ' ') {
        try {
          return Integer.parseInt(line, 9, 12, 10);
        } catch (NumberFormatException e) {
          // Told below.
        }
      }
      throw new IOException("the Runtime API does not speak HTTP/1.1");
    }

    private Map<String, String> headers() throws IOException {
      Map<String, String> headers = new HashMap<>();
      for (String line = line(); !line.isEmpty(); line = line()) {
        int colon = line.indexOf(':');
        if (colon < 1) {
          throw new IOException("the Runtime API sent a header without a name");
        }
        headers.put(
            line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
      }
      return headers;
    }

    private byte[] body(int status, Map<String, String> headers) throws IOException {
      if (status == 204 || status == 304) {
        return new byte[0];
      }
      // RFC 9112, section 6.3: a transfer coding goes before a length.
      if (headers.containsKey("transfer-encoding")) {
        if (!headers.get("transfer-encoding").equalsIgnoreCase("chunked")) {
          throw new IOException("the Runtime API uses an unknown transfer coding");
        }
        return chunks();
      }
      if (headers.containsKey("content-length")) {
        byte[] body = new byte[size(headers.get("content-length"), 10)];
        read(body);
        return body;
      }
      last = true;
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      while (fill()) {
        keep(all, end - at);
      }
      return all.toByteArray();
    }

    private byte[] chunks() throws IOException {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      while (true) {
        headLeft = MOST_HEAD;
        String line = line();
        int semicolon = line.indexOf(';');
        int left = size((semicolon < 0 ? line : line.substring(0, semicolon)).strip(), 16);
        if (left == 0) {
          var _ = headers();
          return all.toByteArray();
        }
        while (left > 0) {
          if (!fill()) {
            throw new EOFException("the Runtime API's answer ends early");
          }
          int part = Math.min(left, end - at);
          keep(all, part);
          left -= part;
        }
        if (!line().isEmpty()) {
          throw new IOException("the Runtime API sent a chunk of another length than it said");
        }
      }
    }

    private static int size(String digits, int radix) throws IOException {
      int size;
      try {
        size = Integer.parseInt(digits, radix);
      } catch (NumberFormatException e) {
        throw new IOException("the Runtime API sent a length that is none", e);
      }
      if (size < 0 || size > MOST_BODY) {
        throw new IOException("the Runtime API's answer is too large");
      }
      return size;
    }

    private void keep(ByteArrayOutputStream all, int length) throws IOException {
      if (all.size() + length > MOST_BODY) {
        throw new IOException("the Runtime API's answer is too large");
      }
      all.write(buffer, at, length);
      at += length;
    }

    private void read(byte[] body) throws IOException {
      int done = Math.min(body.length, end - at);
      System.arraycopy(buffer, at, body, 0, done);
      at += done;
      if (in.readNBytes(body, done, body.length - done) < body.length - done) {
        throw new EOFException("the Runtime API's answer ends early");
      }
    }

    /** A line without its end, which may be LF alone (RFC 9112, section 2.2). */
    private String line() throws IOException {
      StringBuilder line = new StringBuilder(80);
      while (true) {
        if (!fill()) {
          throw new EOFException("the Runtime API's answer ends early");
        }
        if (--headLeft < 0) {
          throw new IOException("the head of the Runtime API's answer is too large");
        }
        char next = (char) (buffer[at++] & 0xff);
        if (next == '\n') {
          int length = line.length();
          if (length > 0 && line.charAt(length - 1) == '\r') {
            line.setLength(length - 1);
          }
          return line.toString();
        }
        line.append(next);
      }
    }

    /** Whether there is something to read; waits for it. */
    private boolean fill() throws IOException {
      if (at < end) {
        return true;
      }
      at = 0;
      end = Math.max(0, in.read(buffer));
      return end > 0;
    }

    void close() {
      try {
        socket.close();
      } catch (IOException e) {
        // It is not used again.
      }
    }
  }
}
