package tokenvending.authentication;

import java.net.URI;
import java.util.Optional;
import tokenvending.network.HostName;

/** Decides whether an address can be trusted to identify its server. */
final class SafeAddress {
  private SafeAddress() {}

  /**
   * Whether the address is {@code https}, or {@code http} to loopback, without user information or
   * fragment.
   */
  static boolean isSafe(URI address) {
    if (address.getHost() == null
        || address.getRawUserInfo() != null
        || address.getRawFragment() != null) {
      return false;
    }
    return switch (String.valueOf(address.getScheme())) {
      case "https" -> true;
      case "http" -> HostName.isLoopback(address.getHost());
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
