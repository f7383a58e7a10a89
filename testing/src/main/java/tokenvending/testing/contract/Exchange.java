package tokenvending.testing.contract;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A request to {@code /}, before any transport has it.
 *
 * @param query decoded
 * @param body empty for none
 */
public record Exchange(
    String method,
    List<Map.Entry<String, String>> query,
    List<Map.Entry<String, String>> headers,
    String body) {
  public Exchange {
    query = List.copyOf(query);
    headers = List.copyOf(headers);
  }

  public static Exchange get() {
    return of("GET");
  }

  public static Exchange of(String method) {
    return new Exchange(method, List.of(), List.of(), "");
  }

  public static Exchange post(String type, String body) {
    return new Exchange("POST", List.of(), List.of(Map.entry("content-type", type)), body);
  }

  public Exchange asking(String name, String value) {
    List<Map.Entry<String, String>> more = new ArrayList<>(query);
    more.add(Map.entry(name, value));
    return new Exchange(method, more, headers, body);
  }

  public Exchange with(String name, String value) {
    List<Map.Entry<String, String>> more = new ArrayList<>(headers);
    more.add(Map.entry(name, value));
    return new Exchange(method, query, more, body);
  }

  /** What came back. */
  public record Answer(int status, List<Map.Entry<String, String>> headers, String body) {
    public Answer {
      headers = List.copyOf(headers);
    }

    /** Every value of a header, by its lower-case name. */
    public List<String> all(String name) {
      return headers.stream()
          .filter(header -> header.getKey().equalsIgnoreCase(name))
          .map(Map.Entry::getValue)
          .toList();
    }

    /** The one value of a header; the empty text where there is none or more than one. */
    public String header(String name) {
      List<String> all = all(name);
      return all.size() == 1 ? all.getFirst() : "";
    }
  }
}
