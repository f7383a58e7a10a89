package tokenvending.api;

import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import tokenvending.identity.ClientAddress;

/**
 * A request as the transport received it.
 *
 * @param method as received
 * @param path as received, still encoded, without the query
 * @param headers all values by lower-case name
 * @param from the peer, or the address that a trusted proxy reports
 * @param at the time of arrival
 * @param givenId the id that a gateway assigned
 */
public record ApiRequest(
    String method,
    String path,
    Query query,
    Map<String, List<String>> headers,
    Body body,
    ClientAddress from,
    Instant at,
    Optional<String> givenId) {
  /** Creates a request without an id of a gateway. */
  public ApiRequest(
      String method,
      String path,
      Query query,
      Map<String, List<String>> headers,
      Body body,
      ClientAddress from,
      Instant at) {
    this(method, path, query, headers, body, from, at, Optional.empty());
  }

  /** Returns a new request id: 32 hexadecimal digits. */
  public static String newId(RandomGenerator random) {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** Returns the assigned id, else a new one. */
  String id(RandomGenerator random) {
    return givenId.orElseGet(() -> newId(random));
  }

  /** The values of a header by its lower-case name; empty if it was not sent. */
  public List<String> header(String name) {
    return headers.getOrDefault(name, List.of());
  }
}
