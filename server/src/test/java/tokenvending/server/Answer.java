package tokenvending.server;

import java.util.List;
import java.util.Locale;

/**
 * An answer as it stood on the wire.
 *
 * @param headers lines, names in lower case
 */
public record Answer(int status, List<String> headers, String body) {
  List<String> all(String name) {
    String prefix = name.toLowerCase(Locale.ROOT) + ": ";
    return headers.stream()
        .filter(line -> line.startsWith(prefix))
        .map(line -> line.substring(prefix.length()))
        .toList();
  }

  /** The one value of a header; the empty text where there is none or more than one. */
  String header(String name) {
    List<String> all = all(name);
    return all.size() == 1 ? all.getFirst() : "";
  }
}
