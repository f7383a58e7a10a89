package tokenvending.momentolocal;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Keys to use, exactly as sent in requests; absent ones are generated.
 *
 * @param apiKey the key that is printed in v1 form
 * @param v2Key the v2 key, which SDKs recognize by the claim {@code "t":"g"} of its JWT
 * @param sessionKey the credential that can mint super-user keys
 */
public record PresetKeys(
    Optional<String> apiKey, Optional<String> v2Key, Optional<String> sessionKey) {

  // It must be a valid header value.
  private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,4096}");

  public PresetKeys {
    Set<String> seen = new HashSet<>();
    for (Optional<String> key : List.of(apiKey, v2Key, sessionKey)) {
      if (key.isPresent() && !KEY.matcher(key.get()).matches()) {
        throw new IllegalArgumentException("a key has 1 to 4096 printable characters, no spaces");
      }
      // One key cannot have two kinds of authority.
      if (key.isPresent() && !seen.add(key.get())) {
        throw new IllegalArgumentException("two keys are the same");
      }
    }
  }

  /** No preset keys: all three are generated. */
  public static PresetKeys none() {
    return new PresetKeys(Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** Omits the keys, which must not be logged. */
  @Override
  public String toString() {
    return "GivenKeys[redacted]";
  }
}
