package tokenvending.momentolocal.fault;

import com.linecorp.armeria.common.util.TimeoutMode;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import tokenvending.momentolocal.call.CallError;
import tokenvending.momentolocal.call.CallResult;

/**
 * Lets calls fail, wait or end early as their metadata requests, or as the standing plan does. A
 * call's own plan replaces the standing one. Behind the check of the credential. Thread-safe.
 */
public final class Faults implements ServerInterceptor {

  /** More than tests use at once; without a limit, clients could fill the memory. */
  private static final int MAX_COUNTERS = 1_000;

  private enum Kind {
    FAILURE,
    DELAY
  }

  /** What is counted; the standing plan counts apart from the sessions of clients. */
  private record Counter(boolean standing, String session, Kind kind, String rpc) {}

  private final FaultPlan standing;
  // In the order of last use.
  private final Map<Counter, Long> used = new LinkedHashMap<>(16, 0.75f, true);

  public Faults(FaultPlan standing) {
    this.standing = standing;
  }

  /** Starts all counts again. */
  public synchronized void reset() {
    used.clear();
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    return switch (FaultPlan.read(headers)) {
      case CallResult.Refused<FaultPlan>(CallError refusal) ->
          end(call, refusal.status(), refusal.trailers());
      case CallResult.Reply<FaultPlan>(FaultPlan requested) -> {
        FaultPlan plan = requested.isEmpty() ? standing : requested;
        yield plan.isEmpty()
            ? next.startCall(call, headers)
            : apply(plan, requested.isEmpty(), call, headers, next);
      }
    };
  }

  private <Q, A> ServerCall.Listener<Q> apply(
      FaultPlan plan,
      boolean isStanding,
      ServerCall<Q, A> call,
      Metadata headers,
      ServerCallHandler<Q, A> next) {
    MethodDescriptor<Q, A> method = call.getMethodDescriptor();
    String session = isStanding ? "" : FaultPlan.session(headers);
    Optional<FaultPlan.Failure> failure =
        plan.failure()
            .filter(f -> f.rpcs().select(method))
            .filter(f -> take(isStanding, session, Kind.FAILURE, method, f.count()));
    Optional<Duration> delay =
        plan.delay()
            .filter(d -> d.rpcs().select(method))
            .filter(d -> take(isStanding, session, Kind.DELAY, method, d.count()))
            .map(FaultPlan.Delay::time);
    ServerCallHandler<Q, A> handler =
        (started, metadata) ->
            failure.isPresent()
                ? end(started, requested(failure.get().code()), new Metadata())
                : start(plan, started, metadata, next);
    return delay.isPresent()
        ? delayed(delay.get(), call, headers, handler)
        : handler.startCall(call, headers);
  }

  private static <Q, A> ServerCall.Listener<Q> start(
      FaultPlan plan, ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    boolean streams = !call.getMethodDescriptor().getType().serverSendsOneMessage();
    Optional<FaultPlan.StreamEnd> end =
        plan.streamEnd().filter(e -> streams && e.rpcs().select(call.getMethodDescriptor()));
    if (end.isEmpty()) {
      return next.startCall(call, headers);
    }
    EndingCall<Q, A> ending =
        new EndingCall<>(call, end.get().messages(), requested(end.get().code()));
    return ending.started(next.startCall(ending, headers));
  }

  private static <Q, A> ServerCall.Listener<Q> delayed(
      Duration time, ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    ServiceRequestContext request = ServiceRequestContext.current();
    if (request.requestTimeoutMillis() > 0) {
      request.setRequestTimeout(TimeoutMode.EXTEND, time);
    }
    DelayedListener<Q> listener = new DelayedListener<>();
    Runnable start =
        Context.current().wrap(() -> listener.start(() -> next.startCall(call, headers)));
    // The thread of the connection, which also calls the listener.
    var _ = request.eventLoop().schedule(start, time.toMillis(), TimeUnit.MILLISECONDS);
    return listener;
  }

  private synchronized boolean take(
      boolean isStanding, String session, Kind kind, MethodDescriptor<?, ?> method, long count) {
    if (count == FaultPlan.UNLIMITED) {
      return true;
    }
    Counter counter = new Counter(isStanding, session, kind, method.getFullMethodName());
    long before = used.getOrDefault(counter, 0L);
    if (before >= count) {
      return false;
    }
    used.put(counter, before + 1);
    if (used.size() > MAX_COUNTERS) {
      Iterator<Counter> leastRecent = used.keySet().iterator();
      var _ = leastRecent.next();
      leastRecent.remove();
    }
    return true;
  }

  private static Status requested(Status.Code code) {
    return code.toStatus().withDescription("a requested fault of momento-local");
  }

  private static <Q, A> ServerCall.Listener<Q> end(
      ServerCall<Q, A> call, Status status, Metadata trailers) {
    call.close(status, trailers);
    return new ServerCall.Listener<>() {};
  }
}
