package tokenvending.momentolocal.credential;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import tokenvending.momentolocal.call.CallError;

/**
 * Requires a valid credential in the {@code authorization} header; otherwise rejects a call before
 * its body is read.
 */
public final class RequireCredential implements ServerInterceptor {

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> CACHE =
      Metadata.Key.of("cache", Metadata.ASCII_STRING_MARSHALLER);

  private final KeyAuthenticator authenticator;
  private final BooleanSupplier closed;

  public RequireCredential(KeyAuthenticator authenticator, BooleanSupplier closed) {
    this.authenticator = authenticator;
    this.closed = closed;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (closed.getAsBoolean()) {
      return refuse(call, CallError.shuttingDown());
    }
    return switch (authenticator.identify(only(headers, AUTHORIZATION))) {
      case KeyAuthenticator.Unknown(String reason) ->
          refuse(call, CallError.unauthenticated(reason));
      case KeyAuthenticator.Known(Identity identity) ->
          Contexts.interceptCall(
              Context.current().withValue(Caller.KEY, new Caller(identity, only(headers, CACHE))),
              call,
              headers,
              next);
    };
  }

  /** Returns the value of a header. A repeated header counts as absent, because it is ambiguous. */
  private static String only(Metadata headers, Metadata.Key<String> key) {
    @Nullable Iterable<String> values = headers.getAll(key);
    if (values == null) {
      return "";
    }
    String only = "";
    for (String value : values) {
      if (!only.isEmpty()) {
        return "";
      }
      only = value;
    }
    return only;
  }

  private static <Q, A> ServerCall.Listener<Q> refuse(ServerCall<Q, A> call, CallError refusal) {
    call.close(refusal.status(), refusal.trailers());
    return new ServerCall.Listener<>() {};
  }
}
