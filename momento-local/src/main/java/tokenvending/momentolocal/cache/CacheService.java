package tokenvending.momentolocal.cache;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Iterator;
import java.util.function.BiConsumer;
import tokenvending.momentolocal.call.CallError;
import tokenvending.momentolocal.call.CallResult;
import tokenvending.momentolocal.credential.Caller;
import tokenvending.momentolocal.operation.Operation;
import tokenvending.momentolocal.operation.OperationTable;

/** {@code cache_client.Scs}: the operations of {@link OperationTable}. */
public final class CacheService implements BindableService {

  private static final String NAME = "cache_client.Scs";

  private final CacheOperations operations;

  public CacheService(CacheOperations operations) {
    this.operations = operations;
  }

  @Override
  public ServerServiceDefinition bindService() {
    ServerServiceDefinition.Builder service = ServerServiceDefinition.builder(NAME);
    for (String rpc : OperationTable.names()) {
      boolean streams = OperationTable.streams(rpc);
      MethodDescriptor<Operation.Call, MessageLite> method =
          MethodDescriptor.<Operation.Call, MessageLite>newBuilder()
              .setType(streams ? MethodType.SERVER_STREAMING : MethodType.UNARY)
              .setFullMethodName(MethodDescriptor.generateFullMethodName(NAME, rpc))
              .setRequestMarshaller(new Requests(rpc))
              .setResponseMarshaller(new Responses())
              .build();
      ServerCallHandler<Operation.Call, MessageLite> handler =
          streams
              ? ServerCalls.asyncServerStreamingCall(
                  (call, out) -> serve(call, out, StreamedReply::send))
              : ServerCalls.asyncUnaryCall((call, out) -> serve(call, out, CacheService::sendOne));
      service.addMethod(method, handler);
    }
    return service.build();
  }

  private void serve(
      Operation.Call call,
      StreamObserver<MessageLite> out,
      BiConsumer<StreamObserver<MessageLite>, Iterator<MessageLite>> send) {
    Caller caller = Caller.current();
    switch (operations.run(caller.identity(), caller.cacheName(), call)) {
      case CallResult.Refused<Iterator<MessageLite>>(CallError refusal) ->
          out.onError(refusal.exception());
      case CallResult.Reply<Iterator<MessageLite>>(Iterator<MessageLite> responses) ->
          send.accept(out, responses);
    }
  }

  private static void sendOne(StreamObserver<MessageLite> out, Iterator<MessageLite> responses) {
    out.onNext(responses.next());
    out.onCompleted();
  }

  /** Reads the requests of an operation. */
  private record Requests(String rpc) implements MethodDescriptor.Marshaller<Operation.Call> {

    @Override
    public Operation.Call parse(InputStream request) {
      try {
        return OperationTable.of(rpc).read(request);
      } catch (InvalidProtocolBufferException e) {
        throw Status.INVALID_ARGUMENT
            .withDescription("the request is not valid")
            .withCause(e)
            .asRuntimeException();
      }
    }

    @Override
    public InputStream stream(Operation.Call request) {
      throw new UnsupportedOperationException("a server sends no requests");
    }
  }

  /** Writes the responses of all operations. */
  private record Responses() implements MethodDescriptor.Marshaller<MessageLite> {

    @Override
    public MessageLite parse(InputStream response) {
      throw new UnsupportedOperationException("a server receives no responses");
    }

    @Override
    public InputStream stream(MessageLite response) {
      return new ByteArrayInputStream(response.toByteArray());
    }
  }
}
