package tokenvending.momentolocal.cache;

import io.grpc.stub.StreamObserver;
import tokenvending.momentolocal.wire.PingGrpc;
import tokenvending.momentolocal.wire._PingRequest;
import tokenvending.momentolocal.wire._PingResponse;

/**
 * {@code cache_client.Ping}: SDKs call it to open a connection early. It requires a valid
 * credential, but no permission.
 */
public final class PingService extends PingGrpc.PingImplBase {

  @Override
  public void ping(_PingRequest request, StreamObserver<_PingResponse> out) {
    out.onNext(_PingResponse.getDefaultInstance());
    out.onCompleted();
  }
}
