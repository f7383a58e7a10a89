package tokenvending.momentolocal.fault;

import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.ForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A stream that ends with an error after a number of messages. */
final class EndingCall<Q, A> extends ForwardingServerCall.SimpleForwardingServerCall<Q, A> {

  private final long messages;
  private final Status status;
  private final Executor connection = ServiceRequestContext.current().eventLoop();
  private ServerCall.@Nullable Listener<Q> listener;
  private long sent;
  private boolean over;

  EndingCall(ServerCall<Q, A> call, long messages, Status status) {
    super(call);
    this.messages = messages;
    this.status = status;
  }

  /** Keeps the listener, which receives the end of the stream. */
  ServerCall.Listener<Q> started(ServerCall.Listener<Q> started) {
    this.listener = started;
    return started;
  }

  @Override
  public void sendMessage(A message) {
    if (over) {
      return;
    }
    if (sent < messages) {
      sent++;
      super.sendMessage(message);
    }
    if (sent >= messages) {
      over = true;
      super.close(status, new Metadata());
      // Later, because the sender can be in the middle of its work.
      connection.execute(this::cancel);
    }
  }

  @Override
  public boolean isReady() {
    return !over && super.isReady();
  }

  @Override
  public void close(Status ending, Metadata trailers) {
    if (!over) {
      over = true;
      super.close(ending, trailers);
    }
  }

  private void cancel() {
    if (listener != null) {
      listener.onCancel();
    }
  }
}
