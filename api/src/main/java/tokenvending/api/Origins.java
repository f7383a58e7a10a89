package tokenvending.api;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Which pages may read answers (the CORS protocol of the Fetch standard). Origins are compared
 * whole; credentials in the sense of cookies are never allowed.
 */
public sealed interface Origins {
  /**
   * The origin that an answer names, for a request of this origin; nothing where the page may not
   * read it.
   */
  Optional<String> allowed(String origin);

  /** Whether the answer depends on who asks, so that caches must be told. */
  boolean vary();

  /** {@code *}: any page. */
  record Any() implements Origins {
    @Override
    public Optional<String> allowed(String origin) {
      return Optional.of("*");
    }

    @Override
    public boolean vary() {
      return false;
    }
  }

  /**
   * The pages that the file names.
   *
   * @param listed exact origins
   * @param loopback whether pages of this machine may read too; in local use
   */
  record Listed(Set<String> listed, boolean loopback) implements Origins {
    public Listed {
      listed = Set.copyOf(listed);
    }

    @Override
    public Optional<String> allowed(String origin) {
      return listed.contains(origin) || (loopback && isLoopback(origin))
          ? Optional.of(origin)
          : Optional.empty();
    }

    @Override
    public boolean vary() {
      return true;
    }

    private static boolean isLoopback(String origin) {
      try {
        URI uri = URI.create(origin);
        String host = uri.getHost();
        boolean bare =
            uri.getRawPath() != null && uri.getRawPath().isEmpty() && uri.getRawUserInfo() == null;
        return bare
            && host != null
            && List.of("http", "https").contains(uri.getScheme())
            && isLoopbackHost(host.toLowerCase(Locale.ROOT));
      } catch (IllegalArgumentException e) {
        return false;
      }
    }

    private static boolean isLoopbackHost(String host) {
      return host.equals("localhost")
          || host.endsWith(".localhost")
          || host.equals("[::1]")
          || host.matches("127(\\.[0-9]{1,3}){3}");
    }
  }
}
