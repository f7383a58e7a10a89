package tokenvending.momentolocal.fault;

import io.grpc.ServerCall;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the events of a call that has not started, and passes them on when it has. Used on the
 * thread of one connection.
 */
final class DelayedListener<Q> extends ServerCall.Listener<Q> {

  private final List<Consumer<ServerCall.Listener<Q>>> waiting = new ArrayList<>();
  private ServerCall.@Nullable Listener<Q> started;
  private boolean cancelled;

  /** Starts the call, unless the client has given up. */
  void start(Supplier<ServerCall.Listener<Q>> call) {
    if (cancelled) {
      return;
    }
    ServerCall.Listener<Q> listener = call.get();
    waiting.forEach(event -> event.accept(listener));
    waiting.clear();
    started = listener;
  }

  @Override
  public void onMessage(Q message) {
    pass(listener -> listener.onMessage(message));
  }

  @Override
  public void onHalfClose() {
    pass(ServerCall.Listener::onHalfClose);
  }

  @Override
  public void onCancel() {
    cancelled = true;
    waiting.clear();
    if (started != null) {
      started.onCancel();
    }
  }

  @Override
  public void onComplete() {
    pass(ServerCall.Listener::onComplete);
  }

  @Override
  public void onReady() {
    pass(ServerCall.Listener::onReady);
  }

  private void pass(Consumer<ServerCall.Listener<Q>> event) {
    if (started != null) {
      event.accept(started);
    } else if (!cancelled) {
      waiting.add(event);
    }
  }
}
