package tokenvending.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SniHandler;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Accepts an HTTP/1 request only if its end is unambiguous (RFC 9112 §6) and it arrives in time.
 * Netty's decoder alone ignores a {@code Content-Length} next to a {@code Transfer-Encoding}, and
 * waits for headers without a limit. A rejected request is replaced by one that the decoder
 * rejects, so that the response is sent in order and the connection closed after it. If too many
 * requests are in progress, pipelined ones wait here (RFC 9112 §9.3.2 allows them without a limit).
 * A target that is a whole URL is converted by {@link AbsoluteForm}. This handler removes itself
 * from HTTP/2 connections.
 */
final class Http1Framing extends ByteToMessageDecoder {
  /** The longest request line and headers, line ends included. */
  private static final int LONGEST_HEAD = 20 * 1024;

  private static final int LONGEST_CHUNK_LINE = 256;
  private static final int LONGEST_TRAILER = 8 * 1024;
  private static final int PREFACE = 0x50524920;
  private static final String NAME_SIGNS = "!#$%&'*+-.^_`|~";
  private static final Pattern LENGTH = Pattern.compile("[0-9]{1,15}");
  private static final Pattern CHUNK = Pattern.compile("([0-9A-Fa-f]{1,7})[ \\t]*(;[^\"]*)?");
  private static final Optional<Framing> NO_BODY = Optional.of(new Framing.Length(0));
  private static final String BROKEN_HEAD =
      "GET / HTTP/1.1\r\nhost: none\r\ncontent-length: unclear\r\n\r\n";
  private static final String BROKEN_CHUNK = "x\r\nx\r\n";

  private final Duration header;
  private final Duration body;
  private final int most;
  private final BackPressure pressure;

  private @Nullable UnansweredRequests unanswered;
  private boolean held;
  private State state = new State.Between();
  private int scanned;
  private @Nullable Future<?> deadline;

  /** The position of the next byte in the stream of requests. */
  private sealed interface State {
    record Between() implements State {}

    record Head() implements State {}

    record Fixed(long left) implements State {}

    record ChunkSize() implements State {}

    record ChunkData(long left) implements State {}

    record Trailer(int length) implements State {}

    /** No further bytes are accepted. */
    record Refused() implements State {}
  }

  /** The framing of the body. */
  private sealed interface Framing {
    record Length(long bytes) implements Framing {}

    record Chunked() implements Framing {}
  }

  private Http1Framing(Duration header, Duration body, int most, BackPressure pressure) {
    this.header = header;
    this.body = body;
    this.most = most;
    this.pressure = pressure;
  }

  /**
   * Adds this handler in front of everything that reads HTTP.
   *
   * @param header how long a request line with its headers can take to arrive
   * @param body how long the body can take after that
   * @param most the most requests in progress on a connection
   * @param pressure is notified when that number is reached
   * @return the handler's name
   */
  static String addTo(
      ChannelPipeline pipeline, Duration header, Duration body, int most, BackPressure pressure) {
    Http1Framing framing = new Http1Framing(header, body, most, pressure);
    ChannelHandlerContext tls = pipeline.context(SniHandler.class);
    if (tls == null) {
      pipeline.addFirst(framing);
    } else {
      pipeline.addAfter(tls.name(), null, framing);
    }
    return pipeline.context(framing).name();
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    switch (state) {
      case State.Between between -> begin(context, in, out);
      case State.Head head -> head(context, in, out);
      case State.Fixed(long left) -> {
        long rest = left - pass(in, left, out);
        state = rest == 0 ? ended() : new State.Fixed(rest);
      }
      case State.ChunkSize size -> chunkSize(in, out);
      case State.ChunkData(long left) -> chunkData(in, left, out);
      case State.Trailer(int length) -> trailer(context, in, length, out);
      case State.Refused refused -> in.skipBytes(in.readableBytes());
    }
  }

  private void begin(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    // RFC 9112 §2.2: empty lines before a request line are ignored.
    while (in.isReadable() && (at(in, 0) == '\r' || at(in, 0) == '\n')) {
      in.skipBytes(1);
    }
    if (in.readableBytes() < 4) {
      awaitHead(context);
      return;
    }
    if (in.getInt(in.readerIndex()) == PREFACE) {
      // Also reached after an upgrade. If there was none, the decoder rejects the method and reads
      // no further.
      stopWaiting();
      context.pipeline().remove(this);
      return;
    }
    if (isFull(context)) {
      stopWaiting();
      held = true;
      pressure.full(true);
      return;
    }
    scanned = 0;
    state = new State.Head();
    head(context, in, out);
  }

  private boolean isFull(ChannelHandlerContext context) {
    if (unanswered == null) {
      // Armeria's codec, added when the first bytes are not HTTP/2.
      ChannelHandlerContext codec = context.pipeline().context(CombinedChannelDuplexHandler.class);
      if (codec == null) {
        return false;
      }
      unanswered = new UnansweredRequests(() -> answered(context));
      context.pipeline().addAfter(codec.name(), null, unanswered);
    }
    return unanswered.count() >= most;
  }

  private void answered(ChannelHandlerContext context) {
    if (held && unanswered != null && unanswered.count() <= most / 2) {
      held = false;
      // Not at once, because the response can be written while a request is read.
      context.executor().execute(() -> goOn(context));
    }
  }

  private void goOn(ChannelHandlerContext context) {
    if (!context.isRemoved()) {
      pressure.full(false);
      readAgain(context);
    }
  }

  private void readAgain(ChannelHandlerContext context) {
    try {
      channelRead(context, Unpooled.EMPTY_BUFFER);
      channelReadComplete(context);
    } catch (Exception e) {
      context.fireExceptionCaught(e);
    }
  }

  private void head(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    int end = endOfHead(in);
    if (end < 0) {
      if (in.readableBytes() > LONGEST_HEAD) {
        EarlyHeaders.keep(
            context.channel(), in.toString(in.readerIndex(), in.readableBytes(), ISO_8859_1));
        out.add(in.readRetainedSlice(in.readableBytes()));
        stopWaiting();
        state = new State.Refused();
      } else {
        awaitHead(context);
      }
      return;
    }
    String head = in.toString(in.readerIndex(), end, ISO_8859_1);
    Optional<Framing> framing = framing(head);
    EarlyHeaders.keep(context.channel(), head);
    AbsoluteForm.Reading target =
        framing.isEmpty() ? new AbsoluteForm.Reading.Malformed() : AbsoluteForm.of(head);
    switch (target) {
      case AbsoluteForm.Reading.Malformed malformed -> {
        refuse(BROKEN_HEAD, in, out);
        return;
      }
      case AbsoluteForm.Reading.Other other -> out.add(in.readRetainedSlice(end));
      case AbsoluteForm.Reading.Rewritten(String rewritten) -> {
        in.skipBytes(end);
        out.add(Unpooled.copiedBuffer(rewritten, ISO_8859_1));
      }
    }
    state =
        switch (framing.get()) {
          case Framing.Length(long bytes) -> bytes == 0 ? ended() : new State.Fixed(bytes);
          case Framing.Chunked chunked -> new State.ChunkSize();
        };
    if (!(state instanceof State.Between)) {
      within(body, context);
    }
  }

  /** Starts the timeout at the first byte of a head; one that arrives complete needs none. */
  private void awaitHead(ChannelHandlerContext context) {
    if (deadline == null) {
      within(header, context);
    }
  }

  /** Returns the length of the head including its empty line, or -1 if it is incomplete. */
  private int endOfHead(ByteBuf in) {
    for (int i = feed(in, scanned); i >= 0; i = feed(in, i + 1)) {
      boolean empty =
          i > 0
              && (at(in, i - 1) == '\n'
                  || (i > 1 && at(in, i - 1) == '\r' && at(in, i - 2) == '\n'));
      if (empty) {
        return i + 1;
      }
    }
    scanned = in.readableBytes();
    return -1;
  }

  private static int feed(ByteBuf in, int from) {
    return in.indexOf(in.readerIndex() + from, in.writerIndex(), (byte) '\n') - in.readerIndex();
  }

  /** Returns how the body is delimited; empty if that is ambiguous. */
  private static Optional<Framing> framing(String head) {
    if (!head.endsWith("\r\n\r\n")) {
      return Optional.empty();
    }
    Optional<String> length = Optional.empty();
    Optional<String> encoding = Optional.empty();
    int hosts = 0;
    int end = head.indexOf("\r\n");
    if (isBroken(head, 0, end)) {
      return Optional.empty();
    }
    boolean current = head.startsWith(" HTTP/1.1", end - " HTTP/1.1".length());
    // The last line is empty.
    for (int at = end + 2; at < head.length() - 2; at = end + 2) {
      end = head.indexOf("\r\n", at);
      int colon = head.indexOf(':', at);
      if (isBroken(head, at, end) || colon > end || !isName(head, at, colon)) {
        return Optional.empty();
      }
      if (isNamed("host", head, at, colon)) {
        hosts++;
      } else if (isNamed("content-length", head, at, colon)) {
        if (length.isPresent()) {
          return Optional.empty();
        }
        length = Optional.of(head.substring(colon + 1, end).strip());
      } else if (isNamed("transfer-encoding", head, at, colon)) {
        if (encoding.isPresent()) {
          return Optional.empty();
        }
        encoding = Optional.of(head.substring(colon + 1, end).strip());
      } else if (isNamed("expect", head, at, colon)
          // Armeria would log a warning each time, which clients must not be able to cause.
          && !head.substring(colon + 1, end).strip().equalsIgnoreCase("100-continue")) {
        return Optional.empty();
      }
    }
    if (hosts > 1 || (current && hosts == 0)) {
      return Optional.empty();
    }
    if (encoding.isPresent()) {
      return current && length.isEmpty() && encoding.get().equalsIgnoreCase("chunked")
          ? Optional.of(new Framing.Chunked())
          : Optional.empty();
    }
    return length.isEmpty()
        ? NO_BODY
        : length
            .filter(digits -> LENGTH.matcher(digits).matches())
            .map(digits -> new Framing.Length(Long.parseLong(digits)));
  }

  /** Whether a line contains half of a line end. */
  private static boolean isBroken(String head, int at, int end) {
    return head.indexOf('\r', at) != end || head.indexOf('\n', at) != end + 1;
  }

  /** Whether the name is a token (RFC 9110 §5.6.2). */
  private static boolean isName(String head, int at, int colon) {
    for (int i = at; i < colon; i++) {
      char c = head.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      boolean digit = c >= '0' && c <= '9';
      if (!letter && !digit && NAME_SIGNS.indexOf(c) < 0) {
        return false;
      }
    }
    return colon > at;
  }

  private static boolean isNamed(String name, String head, int at, int colon) {
    return colon - at == name.length() && head.regionMatches(true, at, name, 0, name.length());
  }

  private void chunkSize(ByteBuf in, List<Object> out) {
    int feed = in.indexOf(in.readerIndex(), in.writerIndex(), (byte) '\n') - in.readerIndex();
    if (feed < 0) {
      if (in.readableBytes() > LONGEST_CHUNK_LINE) {
        refuse(BROKEN_CHUNK, in, out);
      }
      return;
    }
    String line = in.toString(in.readerIndex(), feed + 1, ISO_8859_1);
    var size = CHUNK.matcher(line.endsWith("\r\n") ? line.substring(0, feed - 1) : "");
    if (feed > LONGEST_CHUNK_LINE || !size.matches()) {
      refuse(BROKEN_CHUNK, in, out);
      return;
    }
    out.add(in.readRetainedSlice(feed + 1));
    long bytes = Long.parseLong(size.group(1), 16);
    state = bytes == 0 ? new State.Trailer(0) : new State.ChunkData(bytes);
  }

  private void chunkData(ByteBuf in, long left, List<Object> out) {
    if (left > 0) {
      state = new State.ChunkData(left - pass(in, left, out));
    } else if (in.readableBytes() >= 2) {
      if (at(in, 0) == '\r' && at(in, 1) == '\n') {
        pass(in, 2, out);
        state = new State.ChunkSize();
      } else {
        refuse(BROKEN_CHUNK, in, out);
      }
    }
  }

  private void trailer(ChannelHandlerContext context, ByteBuf in, int length, List<Object> out) {
    int feed = in.indexOf(in.readerIndex(), in.writerIndex(), (byte) '\n') - in.readerIndex();
    int all = length + (feed < 0 ? in.readableBytes() : feed + 1);
    boolean whole = feed > 0 && at(in, feed - 1) == '\r';
    if (all > LONGEST_TRAILER || (feed >= 0 && !whole)) {
      stopWaiting();
      state = new State.Refused();
      var _ = context.close();
    } else if (feed >= 0) {
      out.add(in.readRetainedSlice(feed + 1));
      state = feed == 1 ? ended() : new State.Trailer(all);
    }
  }

  private static int pass(ByteBuf in, long atMost, List<Object> out) {
    int length = (int) Math.min(atMost, in.readableBytes());
    out.add(in.readRetainedSlice(length));
    return length;
  }

  private static byte at(ByteBuf in, int index) {
    return in.getByte(in.readerIndex() + index);
  }

  private void refuse(String instead, ByteBuf in, List<Object> out) {
    in.skipBytes(in.readableBytes());
    stopWaiting();
    state = new State.Refused();
    out.add(Unpooled.copiedBuffer(instead, ISO_8859_1));
  }

  private State ended() {
    stopWaiting();
    return new State.Between();
  }

  private void within(Duration time, ChannelHandlerContext context) {
    stopWaiting();
    deadline =
        context
            .executor()
            .schedule(
                () -> {
                  var _ = context.close();
                },
                time.toMillis(),
                TimeUnit.MILLISECONDS);
  }

  private void stopWaiting() {
    if (deadline != null) {
      deadline.cancel(false);
      deadline = null;
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) throws Exception {
    EarlyHeaders.forget(context.channel());
    super.channelReadComplete(context);
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext context) {
    stopWaiting();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    stopWaiting();
    super.channelInactive(context);
  }
}
