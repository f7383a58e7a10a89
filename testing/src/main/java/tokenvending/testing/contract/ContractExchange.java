package tokenvending.testing.contract;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A request to {@code /}, independent of the transport.
 *
 * @param query decoded
 * @param body empty for none
 */
public record ContractExchange(
    String method,
    List<Map.Entry<String, String>> query,
    List<Map.Entry<String, String>> headers,
    String body) {
  public ContractExchange {
    query = List.copyOf(query);
    headers = List.copyOf(headers);
  }

  public static ContractExchange get() {
    return of("GET");
  }

  public static ContractExchange of(String method) {
    return new ContractExchange(method, List.of(), List.of(), "");
  }

  public static ContractExchange post(String type, String body) {
    return new ContractExchange("POST", List.of(), List.of(Map.entry("content-type", type)), body);
  }

  public ContractExchange asking(String name, String value) {
    List<Map.Entry<String, String>> more = new ArrayList<>(query);
    more.add(Map.entry(name, value));
    return new ContractExchange(method, more, headers, body);
  }

  public ContractExchange with(String name, String value) {
    List<Map.Entry<String, String>> more = new ArrayList<>(headers);
    more.add(Map.entry(name, value));
    return new ContractExchange(method, query, more, body);
  }

  /** A response. */
  public record Answer(int status, List<Map.Entry<String, String>> headers, String body) {
    public Answer {
      headers = List.copyOf(headers);
    }

    /** Returns every value of a header, by its lower-case name. */
    public List<String> all(String name) {
      return headers.stream()
          .filter(header -> header.getKey().equalsIgnoreCase(name))
          .map(Map.Entry::getValue)
          .toList();
    }

    /** Returns the only value of a header; an empty text if there is none or more than one. */
    public String header(String name) {
      List<String> all = all(name);
      return all.size() == 1 ? all.getFirst() : "";
    }
  }
}
