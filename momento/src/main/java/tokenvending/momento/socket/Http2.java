package tokenvending.momento.socket;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tokenvending.momento.FailureCause;
import tokenvending.momento.GrpcReply;
import tokenvending.momento.GrpcStatus;
import tokenvending.momento.TokenServiceConnection;
import tokenvending.momento.TokenServiceReply;
import tokenvending.momento.TokenServiceReply.Failed;
import tokenvending.momento.TokenServiceReply.Unreadable;

/**
 * The client's end of one HTTP/2 connection (RFC 9113), as far as calls with one message each way
 * need it. One thread reads ({@link #read}); every caller writes his own frames and waits for his
 * answer. A reading that times out asks for a sign of life, and twice in a row ends the connection.
 */
final class Http2 {
  private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII);

  // Kinds of frames (§6).
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PUSH_PROMISE = 5;
  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int WINDOW_UPDATE = 8;
  private static final int CONTINUATION = 9;

  // Flags; the meaning of the first depends on the frame.
  private static final int END_STREAM = 0x1;
  private static final int ACK = 0x1;
  private static final int END_HEADERS = 0x4;
  private static final int PADDED = 0x8;
  private static final int WITH_PRIORITY = 0x20;

  // Settings (§6.5.2).
  private static final int ENABLE_PUSH = 2;
  private static final int MAX_CONCURRENT_STREAMS = 3;
  private static final int INITIAL_WINDOW_SIZE = 4;
  private static final int MAX_FRAME_SIZE = 5;
  private static final int MAX_HEADER_LIST_SIZE = 6;

  /** The error of a stream that is not wanted any more (§7). */
  private static final int CANCEL = 8;

  /** What is taken of the other side in one frame; the least that there is. */
  private static final int LARGEST_FRAME = 16 * 1024;

  /** A whole answer fits, so that a stream's window never has to be opened further. */
  private static final int WINDOW = 2 * TokenServiceConnection.LARGEST_ANSWER;

  private static final int USUAL_WINDOW = 65_535;
  private static final int LAST_STREAM = Integer.MAX_VALUE - 2;

  private final DataInputStream in;
  private final OutputStream out;
  private final Consumer<Http2> settled;
  private final LongSupplier nanoTime;

  /** Guards all below, and what is written. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Condition changed = lock.newCondition();
  private final Map<Integer, Call> calls = new HashMap<>();
  private int nextStream = 1;
  private int lastStream = LAST_STREAM;
  private int mostCalls = Integer.MAX_VALUE;
  private int frameSize = LARGEST_FRAME;
  private long initialWindow = USUAL_WINDOW;
  private long window = USUAL_WINDOW;
  private boolean over;

  /** The stream whose header block has not ended, 0 for none, and what of it has come. */
  private int unfinished;

  private boolean unfinishedIsLast;
  private final ByteArrayOutputStream block = new ByteArrayOutputStream();
  private final Hpack hpack = new Hpack();

  /** One call under way. */
  private final class Call {
    private final int stream;
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private long ownWindow = initialWindow;
    private int httpStatus;
    private @Nullable String grpcStatus;
    private @Nullable TokenServiceReply reply;

    Call(int stream) {
      this.stream = stream;
    }

    private void field(String name, String value) {
      // 1xx: others follow.
      if (name.equals(":status") && !value.startsWith("1")) {
        httpStatus = status(value);
      } else if (name.equals("grpc-status")) {
        grpcStatus = value;
      }
    }

    private static int status(String text) {
      try {
        return Integer.parseInt(text);
      } catch (NumberFormatException e) {
        return 0;
      }
    }

    private void ends(TokenServiceReply how) {
      if (reply == null) {
        reply = how;
      }
      calls.remove(stream);
      changed.signalAll();
    }
  }

  /**
   * A connection that nothing was sent on yet.
   *
   * @param settled is told, once, when calls can be made
   * @param nanoTime a clock that never steps
   */
  Http2(InputStream in, OutputStream out, Consumer<Http2> settled, LongSupplier nanoTime) {
    this.in = new DataInputStream(in);
    this.out = out;
    this.settled = settled;
    this.nanoTime = nanoTime;
  }

  /** Says what we want of the other side (§3.4). */
  void begin() throws IOException {
    ByteBuffer settings = ByteBuffer.allocate(3 * 6);
    put(settings, ENABLE_PUSH, 0);
    put(settings, INITIAL_WINDOW_SIZE, WINDOW);
    put(settings, MAX_HEADER_LIST_SIZE, TokenServiceConnection.LARGEST_HEADERS);
    lock.lock();
    try {
      out.write(PREFACE);
      frame(SETTINGS, 0, 0, settings.array(), 0, settings.capacity());
      out.flush();
    } finally {
      lock.unlock();
    }
  }

  private static void put(ByteBuffer settings, int name, int value) {
    settings.putShort((short) name).putInt(value);
  }

  // ------------------------------------------------------------------------------- writing

  /** Of whoever has the lock. */
  private void frame(int kind, int flags, int stream, byte[] payload, int from, int size)
      throws IOException {
    byte[] whole = new byte[9 + size];
    ByteBuffer.wrap(whole)
        .putInt((size << 8) | kind)
        .put((byte) flags)
        .putInt(stream)
        .put(payload, from, size);
    out.write(whole);
  }

  private void answer(int kind, int flags, int stream, int number) throws IOException {
    frame(kind, flags, stream, ByteBuffer.allocate(4).putInt(number).array(), 0, 4);
    out.flush();
  }

  /**
   * Makes a call and waits for its answer, until {@code deadline} by the clock.
   *
   * @param headers a block
   * @param body with its prefix
   */
  TokenServiceReply call(byte[] headers, byte[] body, long deadline) {
    try {
      lock.lockInterruptibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Failed(GrpcStatus.CANCELLED, FailureCause.Network.INTERRUPTED);
    }
    try {
      return sendAndWait(headers, body, deadline);
    } finally {
      lock.unlock();
    }
  }

  private TokenServiceReply sendAndWait(byte[] headers, byte[] body, long deadline) {
    Call call = null;
    try {
      // Beyond the other side's limit calls wait instead of failing.
      await(() -> isClosed() || calls.size() < mostCalls, deadline);
      if (isClosed()) {
        return Failed.unavailable(FailureCause.Network.CONNECTION_CLOSED);
      }
      call = new Call(nextStream);
      nextStream += 2;
      calls.put(call.stream, call);
      frame(HEADERS, END_HEADERS, call.stream, headers, 0, headers.length);
      send(call, body, deadline);
      Call sent = call;
      await(() -> sent.reply != null, deadline);
    } catch (DeadlineException e) {
      return broken(call, GrpcStatus.DEADLINE_EXCEEDED);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return broken(call, GrpcStatus.CANCELLED);
    } catch (IOException e) {
      end(Failed.unavailable(FailureCause.Network.CONNECTION_CLOSED));
    }
    TokenServiceReply reply = call == null ? null : call.reply;
    return reply == null ? Failed.unavailable(FailureCause.Network.CONNECTION_CLOSED) : reply;
  }

  /** As much at a time as the other side takes (§5.2). */
  private void send(Call call, byte[] body, long deadline)
      throws IOException, DeadlineException, InterruptedException {
    int sent = 0;
    while (sent < body.length && call.reply == null) {
      if (Math.min(window, call.ownWindow) <= 0) {
        out.flush();
        await(() -> call.reply != null || Math.min(window, call.ownWindow) > 0, deadline);
        continue;
      }
      int portion =
          (int) Math.min(Math.min(window, call.ownWindow), Math.min(frameSize, body.length - sent));
      boolean last = sent + portion == body.length;
      frame(DATA, last ? END_STREAM : 0, call.stream, body, sent, portion);
      sent += portion;
      window -= portion;
      call.ownWindow -= portion;
    }
    out.flush();
  }

  /** The time that somebody had is over. */
  private static final class DeadlineException extends Exception {
    private static final long serialVersionUID = 1;
  }

  private void await(Supplier<Boolean> condition, long deadline)
      throws DeadlineException, InterruptedException {
    while (!condition.get()) {
      long left = deadline - nanoTime.getAsLong();
      if (left <= 0) {
        throw new DeadlineException();
      }
      var _ = changed.await(left, TimeUnit.NANOSECONDS);
    }
  }

  /** Nobody waits for the call any more. */
  private TokenServiceReply broken(@Nullable Call call, GrpcStatus status) {
    if (call != null && calls.remove(call.stream) != null) {
      try {
        answer(RST_STREAM, 0, call.stream, CANCEL);
      } catch (IOException e) {
        end(Failed.unavailable(FailureCause.Network.CONNECTION_CLOSED));
      }
    }
    changed.signalAll();
    return new Failed(
        status,
        status == GrpcStatus.CANCELLED
            ? FailureCause.Network.INTERRUPTED
            : FailureCause.Network.DEADLINE);
  }

  /** Of whoever has the lock. */
  private boolean isClosed() {
    return over || lastStream < LAST_STREAM || nextStream >= LAST_STREAM;
  }

  /** Whether no more calls can be made. */
  boolean isOver() {
    lock.lock();
    try {
      return isClosed();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until no call is under way, for so long at most. */
  void awaitIdle(long nanos) throws InterruptedException {
    lock.lock();
    try {
      await(calls::isEmpty, nanoTime.getAsLong() + nanos);
    } catch (DeadlineException e) {
      // Then it ends what is under way.
    } finally {
      lock.unlock();
    }
  }

  private void end(TokenServiceReply how) {
    over = true;
    List<Call> open = new ArrayList<>(calls.values());
    open.forEach(call -> call.ends(how));
    changed.signalAll();
  }

  // ------------------------------------------------------------------------------- reading

  /**
   * Reads until the connection ends, or has no more to say: the other side goes away, and no call
   * is under way. Tells all calls that still are.
   */
  void read() {
    TokenServiceReply how = Failed.unavailable(FailureCause.Network.CONNECTION_CLOSED);
    try {
      boolean known = false;
      boolean done = false;
      while (!done) {
        Frame frame = next();
        if (!known && frame.kind() != SETTINGS) {
          throw new ProtocolException("settings come first");
        }
        lock.lock();
        try {
          take(frame);
          done = isClosed() && calls.isEmpty();
        } finally {
          lock.unlock();
        }
        if (!known) {
          known = true;
          settled.accept(this);
        }
      }
    } catch (ProtocolException e) {
      how = new Unreadable(FailureCause.Network.NOT_HTTP2);
    } catch (IOException e) {
      // It ended, or was silent for too long.
      how = Failed.unavailable(FailureCause.of(e));
    } finally {
      lock.lock();
      try {
        end(how);
      } finally {
        lock.unlock();
      }
    }
  }

  private record Frame(int kind, int flags, int stream, ByteBuffer payload) {
    boolean has(int flag) {
      return (flags & flag) != 0;
    }
  }

  private Frame next() throws IOException {
    int first = firstByte();
    int size = (first << 16) | in.readUnsignedShort();
    int kind = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    int stream = in.readInt() & Integer.MAX_VALUE;
    if (size > LARGEST_FRAME) {
      throw new ProtocolException("a frame is too large");
    }
    byte[] payload = new byte[size];
    in.readFully(payload);
    return new Frame(kind, flags, stream, ByteBuffer.wrap(payload));
  }

  /** Where none comes for long, the other side is asked for a sign of life. */
  private int firstByte() throws IOException {
    int first;
    try {
      first = in.read();
    } catch (SocketTimeoutException e) {
      lock.lock();
      try {
        frame(PING, 0, 0, new byte[8], 0, 8);
        out.flush();
      } finally {
        lock.unlock();
      }
      first = in.read();
    }
    if (first < 0) {
      throw new EOFException();
    }
    return first;
  }

  private void take(Frame frame) throws IOException {
    if (unfinished != 0 && (frame.kind() != CONTINUATION || frame.stream() != unfinished)) {
      throw new ProtocolException("a header block was not ended");
    }
    switch (frame.kind()) {
      case DATA -> takeData(frame);
      case HEADERS -> {
        ByteBuffer fields = withoutPadding(frame);
        if (frame.has(WITH_PRIORITY)) {
          skip(fields, 5);
        }
        unfinished = frame.stream();
        unfinishedIsLast = frame.has(END_STREAM);
        takeFields(fields, frame.has(END_HEADERS));
      }
      case CONTINUATION -> {
        if (unfinished == 0) {
          throw new ProtocolException("nothing is to be continued");
        }
        takeFields(frame.payload(), frame.has(END_HEADERS));
      }
      case RST_STREAM -> {
        Call call = calls.get(frame.stream());
        int error = number(frame.payload());
        if (call != null) {
          call.ends(GrpcReply.reset(error));
        }
      }
      case SETTINGS -> takeSettings(frame);
      case PING -> {
        if (!frame.has(ACK)) {
          byte[] same = rest(frame.payload());
          frame(PING, ACK, 0, same, 0, same.length);
          out.flush();
        }
      }
      case GOAWAY -> {
        lastStream = number(frame.payload()) & Integer.MAX_VALUE;
        List<Call> open = new ArrayList<>(calls.values());
        open.stream()
            .filter(call -> call.stream > lastStream)
            .forEach(call -> call.ends(Failed.unavailable(FailureCause.Network.CONNECTION_CLOSED)));
        lastStream = Math.min(lastStream, LAST_STREAM - 1);
        changed.signalAll();
      }
      case WINDOW_UPDATE -> {
        int more = number(frame.payload()) & Integer.MAX_VALUE;
        Call call = calls.get(frame.stream());
        if (frame.stream() == 0) {
          window += more;
        } else if (call != null) {
          call.ownWindow += more;
        }
        changed.signalAll();
      }
      case PUSH_PROMISE -> throw new ProtocolException("nothing is to be pushed");
      // Priorities, and what later versions have (§5.5).
      default -> {}
    }
  }

  private void takeData(Frame frame) throws IOException {
    if (frame.payload().capacity() > 0) {
      answer(WINDOW_UPDATE, 0, 0, frame.payload().capacity());
    }
    Call call = calls.get(frame.stream());
    ByteBuffer data = withoutPadding(frame);
    if (call == null) {
      return;
    }
    if (call.received.size() + data.remaining()
        > GrpcReply.PREFIX + TokenServiceConnection.LARGEST_ANSWER) {
      call.ends(new Unreadable(FailureCause.Network.ANSWER_TOO_LONG));
      answer(RST_STREAM, 0, call.stream, CANCEL);
      return;
    }
    call.received.writeBytes(rest(data));
    if (frame.has(END_STREAM)) {
      whole(call);
    }
  }

  private void takeFields(ByteBuffer fields, boolean complete) throws IOException {
    block.writeBytes(rest(fields));
    if (block.size() > TokenServiceConnection.LARGEST_HEADERS) {
      throw new ProtocolException("headers are too large");
    }
    if (!complete) {
      return;
    }
    Call call = calls.get(unfinished);
    hpack.read(
        ByteBuffer.wrap(block.toByteArray()),
        (name, value) -> {
          if (call != null) {
            call.field(name, value);
          }
        });
    block.reset();
    unfinished = 0;
    if (call != null && unfinishedIsLast) {
      whole(call);
    }
  }

  private static void whole(Call call) {
    call.ends(GrpcReply.of(call.httpStatus, call.grpcStatus, null, call.received.toByteArray()));
  }

  private void takeSettings(Frame frame) throws IOException {
    if (frame.has(ACK)) {
      return;
    }
    ByteBuffer settings = frame.payload();
    while (settings.remaining() >= 6) {
      int name = settings.getShort() & 0xffff;
      int value = settings.getInt();
      // Above what an int can say there is no limit that matters.
      int bounded = value < 0 ? Integer.MAX_VALUE : value;
      switch (name) {
        case MAX_CONCURRENT_STREAMS -> mostCalls = bounded;
        case MAX_FRAME_SIZE -> frameSize = Math.max(LARGEST_FRAME, Math.min(bounded, 1 << 20));
        case INITIAL_WINDOW_SIZE -> {
          calls.values().forEach(call -> call.ownWindow += bounded - initialWindow);
          initialWindow = bounded;
        }
        default -> {}
      }
    }
    frame(SETTINGS, ACK, 0, new byte[0], 0, 0);
    out.flush();
    changed.signalAll();
  }

  private static ByteBuffer withoutPadding(Frame frame) throws ProtocolException {
    ByteBuffer payload = frame.payload();
    if (frame.has(PADDED)) {
      int padding = payload.hasRemaining() ? payload.get() & 0xff : 0;
      if (padding > payload.remaining()) {
        throw new ProtocolException("a padding is too long");
      }
      payload.limit(payload.limit() - padding);
    }
    return payload;
  }

  private static byte[] rest(ByteBuffer payload) {
    byte[] rest = new byte[payload.remaining()];
    payload.get(rest);
    return rest;
  }

  private static void skip(ByteBuffer payload, int size) throws ProtocolException {
    if (payload.remaining() < size) {
      throw new ProtocolException("a frame is cut off");
    }
    payload.position(payload.position() + size);
  }

  private static int number(ByteBuffer payload) throws ProtocolException {
    if (payload.remaining() < 4) {
      throw new ProtocolException("a frame is cut off");
    }
    return payload.getInt();
  }
}
