package tokenvending.api;

import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import tokenvending.identity.ClientAddress;

/**
 * A request as a transport hands it over.
 *
 * @param method as it was sent
 * @param path as it was sent, still encoded, without the query
 * @param headers by lower-case name, every value
 * @param from the peer, or what a trusted proxy says the peer was
 * @param at when it arrived
 */
public record ApiRequest(
    String method,
    String path,
    Query query,
    Map<String, List<String>> headers,
    Body body,
    ClientAddress from,
    Instant at) {

  /** A new request id: 32 hexadecimal digits. */
  public static String newId(RandomGenerator random) {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** The values of a header, by its lower-case name; empty when it was not sent. */
  public List<String> header(String name) {
    return headers.getOrDefault(name, List.of());
  }
}
