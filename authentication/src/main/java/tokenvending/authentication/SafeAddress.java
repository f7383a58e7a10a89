package tokenvending.authentication;

import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;

/** Decides whether what is read from an address can be believed to come from it. */
final class SafeAddress {
  // By name only: what a name resolves to is for others to choose.
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127(?:\\.[0-9]{1,3}){3}|\\[::1]");

  private SafeAddress() {}

  /** {@code https}, or {@code http} to loopback; without user information or fragment. */
  static boolean isSafe(URI address) {
    if (address.getHost() == null
        || address.getRawUserInfo() != null
        || address.getRawFragment() != null) {
      return false;
    }
    return switch (String.valueOf(address.getScheme())) {
      case "https" -> true;
      case "http" -> LOOPBACK.matcher(address.getHost()).matches();
      default -> false;
    };
  }

  static Optional<URI> parse(String address) {
    try {
      return Optional.of(URI.create(address)).filter(SafeAddress::isSafe);
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}
