package tokenvending.lambda;

import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import tokenvending.api.Api;
import tokenvending.api.ApiRequest;
import tokenvending.api.Body;
import tokenvending.api.Query;
import tokenvending.identity.ClientAddress;

/** Runs the request path once before a snapshot, as far as it needs no key and no network. */
final class Priming {
  private Priming() {}

  static void run(Api api) {
    for (String method : List.of("OPTIONS", "PUT")) {
      var _ = api.handle(request(method));
    }
  }

  private static ApiRequest request(String method) {
    return new ApiRequest(
        method,
        "/",
        new Query.Decoded(List.of()),
        Map.of(),
        Body.empty(),
        new ClientAddress(InetAddress.getLoopbackAddress()),
        Instant.EPOCH);
  }
}
