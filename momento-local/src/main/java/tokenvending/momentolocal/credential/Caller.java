package tokenvending.momentolocal.credential;

import io.grpc.Context;

/**
 * The caller of the current call, and the cache in its {@code cache} header (empty if there is
 * none). Available in every service behind {@link RequireCredential}.
 */
public record Caller(Identity identity, String cacheName) {

  static final Context.Key<Caller> KEY = Context.key("caller");

  /** Returns the caller of the call on this thread. */
  public static Caller current() {
    Caller caller = KEY.get();
    if (caller == null) {
      throw new IllegalStateException("a service is not behind RequireCredential");
    }
    return caller;
  }
}
