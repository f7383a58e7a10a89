package tokenvending.auditlog;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Optional;

/**
 * Writes lines to a stream such as standard output. After a partial write, the next call completes
 * the line, so that a full disk leaves no incomplete line. If the stream does not report how much
 * it wrote, the next line begins after a newline.
 */
final class StreamTarget implements AuditTarget {
  private static final byte[] NEWLINE = {'\n'};
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final OutputStream stream;
  private final Optional<WritableByteChannel> channel;
  private ByteBuffer rest = NOTHING;

  /**
   * Writes to a stream and does not close it.
   *
   * @param stream must throw on failures, which a {@link java.io.PrintStream} does not
   */
  StreamTarget(OutputStream stream) {
    this.stream = stream;
    // A file stream does not report how many bytes it wrote before a failure; its channel does.
    this.channel =
        stream instanceof FileOutputStream file ? Optional.of(file.getChannel()) : Optional.empty();
  }

  /** Writes to a channel, which reports how many bytes it accepts. */
  StreamTarget(WritableByteChannel channel) {
    this.stream = OutputStream.nullOutputStream();
    this.channel = Optional.of(channel);
  }

  @Override
  public String name() {
    return "standard output";
  }

  @Override
  public void write(ByteBuffer lines) throws IOException {
    if (channel.isPresent()) {
      Channels.write(channel.get(), rest);
      try {
        Channels.write(channel.get(), lines);
      } finally {
        rest = restOfLine(lines);
      }
      return;
    }
    byte[] all = new byte[rest.remaining() + lines.remaining()];
    rest.get(rest.position(), all, 0, rest.remaining());
    lines.get(lines.position(), all, rest.remaining(), lines.remaining());
    try {
      stream.write(all);
      stream.flush();
    } catch (IOException e) {
      rest = ByteBuffer.wrap(NEWLINE);
      throw e;
    }
    rest = NOTHING;
    lines.position(lines.limit());
  }

  /** Returns the rest of a partially written line; empty between two lines. */
  private static ByteBuffer restOfLine(ByteBuffer lines) {
    int begin = lines.position();
    if (begin == 0 || lines.get(begin - 1) == '\n') {
      return NOTHING;
    }
    int end = begin;
    while (lines.get(end) != '\n') {
      end++;
    }
    byte[] missing = new byte[end + 1 - begin];
    lines.get(begin, missing);
    return ByteBuffer.wrap(missing);
  }

  @Override
  public void close() {
    // Standard output belongs to the process.
  }
}
