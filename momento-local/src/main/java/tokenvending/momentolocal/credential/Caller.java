package tokenvending.momentolocal.credential;

import io.grpc.Context;

/**
 * Who makes the current call, and the cache its {@code cache} header names (empty when there is
 * none). Present in every service behind {@link RequireCredential}.
 */
public record Caller(Identity identity, String cacheName) {

  static final Context.Key<Caller> KEY = Context.key("caller");

  /** The caller of the call that this thread is serving. */
  public static Caller current() {
    Caller caller = KEY.get();
    if (caller == null) {
      throw new IllegalStateException("a service is not behind RequireCredential");
    }
    return caller;
  }
}
