package tokenvending.momentolocal.http;

import com.google.protobuf.ByteString;
import com.linecorp.armeria.common.RequestTarget;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The address of a request, decoded. Unlike in Armeria's own decoding, {@code ;} is a character as
 * any other, and bytes that are not UTF-8 do not become the same replacement character.
 *
 * @param path the segments after the first
 */
record Target(List<String> path, Map<String, List<String>> query) {

  /** Decodes an address; empty if it is not encoded as UTF-8. */
  static Optional<Target> read(RequestTarget target) {
    try {
      List<String> path =
          Arrays.stream(target.maybePathWithMatrixVariables().split("/", -1))
              .skip(2)
              .map(segment -> decode(segment.replace("+", "%2B")))
              .toList();
      Map<String, List<String>> query = new HashMap<>();
      @Nullable String text = target.query();
      for (String pair : text == null ? new String[0] : text.split("&")) {
        String[] nameAndValue = pair.split("=", 2);
        query
            .computeIfAbsent(decode(nameAndValue[0]), name -> new ArrayList<>())
            .add(nameAndValue.length == 1 ? "" : decode(nameAndValue[1]));
      }
      return Optional.of(new Target(path, query));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Returns all values of a parameter. */
  List<String> all(String name) {
    return query.getOrDefault(name, List.of());
  }

  /** Returns the first value of a parameter; empty without one. */
  String first(String name) {
    return all(name).stream().findFirst().orElse("");
  }

  private static String decode(String text) {
    // Decoded to one character for each byte.
    String bytes = URLDecoder.decode(text, StandardCharsets.ISO_8859_1);
    ByteString decoded = ByteString.copyFrom(bytes, StandardCharsets.ISO_8859_1);
    if (!decoded.isValidUtf8()) {
      throw new IllegalArgumentException("not UTF-8");
    }
    return decoded.toStringUtf8();
  }
}
