package tokenvending.momentolocal.cache;

import io.grpc.stub.StreamObserver;
import java.util.function.BooleanSupplier;
import tokenvending.momentolocal.call.CallError;
import tokenvending.momentolocal.wire.PingGrpc;
import tokenvending.momentolocal.wire._PingRequest;
import tokenvending.momentolocal.wire._PingResponse;

/** {@code cache_client.Ping}: SDKs call it to open a connection early. It needs no credential. */
public final class PingService extends PingGrpc.PingImplBase {

  private final BooleanSupplier closed;

  public PingService(BooleanSupplier closed) {
    this.closed = closed;
  }

  @Override
  public void ping(_PingRequest request, StreamObserver<_PingResponse> out) {
    if (closed.getAsBoolean()) {
      out.onError(CallError.shuttingDown().exception());
      return;
    }
    out.onNext(_PingResponse.getDefaultInstance());
    out.onCompleted();
  }
}
