package tokenvending.momento;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCredentials;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A token service on a loopback port that records what reaches it and answers as told. */
final class FakeTokenService implements AutoCloseable {
  /** What to do with a request. */
  interface Behaviour {
    Response to(ReceivedRequest request, int number);
  }

  /** An answer on the wire. */
  sealed interface Response {
    record Message(ByteString bytes) implements Response {}

    record Fails(Status status) implements Response {}

    /** Headers first, then the status. */
    record FailsLate(Status status) implements Response {}

    /** Says OK without any message. */
    record Nothing() implements Response {}

    record Silence() implements Response {}
  }

  private final Server server;
  private final List<ReceivedRequest> requests = Collections.synchronizedList(new ArrayList<>());
  private final List<Metadata> headers = Collections.synchronizedList(new ArrayList<>());
  private final List<String> authorities = Collections.synchronizedList(new ArrayList<>());
  private volatile Behaviour behaviour;

  FakeTokenService(Behaviour behaviour) {
    this(behaviour, InsecureServerCredentials.create(), 0);
  }

  FakeTokenService(Behaviour behaviour, ServerCredentials credentials, int port) {
    this.behaviour = behaviour;
    MethodDescriptor<byte[], byte[]> method =
        MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("token.Token/GenerateDisposableToken")
            .setRequestMarshaller(new Bytes())
            .setResponseMarshaller(new Bytes())
            .build();
    ServerServiceDefinition service =
        ServerServiceDefinition.builder("token.Token").addMethod(method, this::accept).build();
    try {
      server =
          NettyServerBuilder.forAddress(
                  new InetSocketAddress(InetAddress.getLoopbackAddress(), port), credentials)
              .addService(service)
              .permitKeepAliveTime(1, TimeUnit.SECONDS)
              .permitKeepAliveWithoutCalls(true)
              .build()
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static FakeTokenService issuing() {
    return new FakeTokenService((request, number) -> good());
  }

  /** A good answer, valid until a fixed time. */
  static Response.Message good() {
    return answer("inner-key", "cell.example.com", 1_800_000_000L);
  }

  static Response.Message answer(String apiKey, String endpoint, long validUntil) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      out.writeString(1, apiKey);
      out.writeString(2, endpoint);
      out.writeUInt64(3, validUntil);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Response.Message(ByteString.copyFrom(bytes.toByteArray()));
  }

  void behave(Behaviour next) {
    behaviour = next;
  }

  int port() {
    return server.getPort();
  }

  String uri() {
    return "http://127.0.0.1:" + port();
  }

  List<ReceivedRequest> requests() {
    return List.copyOf(requests);
  }

  /** What has come since this was asked last; all of it is forgotten. */
  List<ReceivedRequest> takeRequests() {
    synchronized (requests) {
      List<ReceivedRequest> taken = List.copyOf(requests);
      requests.clear();
      headers.clear();
      authorities.clear();
      return taken;
    }
  }

  List<Metadata> headers() {
    return List.copyOf(headers);
  }

  List<String> authorities() {
    return List.copyOf(authorities);
  }

  private ServerCall.Listener<byte[]> accept(ServerCall<byte[], byte[]> call, Metadata metadata) {
    headers.add(metadata);
    authorities.add(String.valueOf(call.getAuthority()));
    call.request(1);
    return new ServerCall.Listener<>() {
      @Override
      public void onMessage(byte[] message) {
        int number;
        ReceivedRequest request = ReceivedRequest.of(ByteString.copyFrom(message));
        synchronized (requests) {
          requests.add(request);
          number = requests.size();
        }
        switch (behaviour.to(request, number)) {
          case Response.Message(ByteString bytes) -> {
            call.sendHeaders(new Metadata());
            call.sendMessage(bytes.toByteArray());
            call.close(Status.OK, new Metadata());
          }
          case Response.Fails(Status status) -> call.close(status, new Metadata());
          case Response.FailsLate(Status status) -> {
            call.sendHeaders(new Metadata());
            call.close(status, new Metadata());
          }
          case Response.Nothing() -> {
            call.sendHeaders(new Metadata());
            call.close(Status.OK, new Metadata());
          }
          case Response.Silence() -> {}
        }
      }
    };
  }

  @Override
  public void close() {
    server.shutdownNow();
    try {
      if (!server.awaitTermination(5, TimeUnit.SECONDS)) {
        throw new AssertionError("the fake does not stop");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
