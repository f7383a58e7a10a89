package tokenvending.api;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tokenvending.network.HostName;

/**
 * The origins whose pages can read responses (the CORS protocol of the Fetch standard). Origins are
 * compared as a whole, except for a first label that is a wildcard in the file. Credentials such as
 * cookies are never allowed.
 */
public sealed interface Origins {
  /**
   * The value of {@code Access-Control-Allow-Origin} for a request of this origin; empty if its
   * pages must not read the response.
   */
  Optional<String> allowed(String origin);

  /** Whether the response depends on the origin, so that it needs a {@code Vary} header. */
  boolean vary();

  /** {@code *}: every origin. */
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
   * The origins in the file.
   *
   * @param listed exact origins, or origins with {@code *.} in place of the first label of the
   *     host, such as {@code https://*.example.com}
   * @param loopback whether pages of this machine are allowed as well; in local use
   */
  record Listed(Set<String> listed, boolean loopback) implements Origins {
    private static final Pattern FIRST_LABEL =
        Pattern.compile(
            "(?<scheme>[a-z][a-z0-9+.-]*://)[a-z0-9_-]+(?<rest>\\.[a-z0-9._-]+(:[0-9]+)?)");

    public Listed {
      listed = Set.copyOf(listed);
    }

    @Override
    public Optional<String> allowed(String origin) {
      boolean exact = listed.contains(origin) && !origin.contains("*");
      return exact || isOfAListedDomain(origin) || (loopback && isLoopback(origin))
          ? Optional.of(origin)
          : Optional.empty();
    }

    /**
     * Compares with wildcards. {@code *} stands for one label, as in certificates (RFC 9525 §6.3).
     */
    private boolean isOfAListedDomain(String origin) {
      Matcher matcher = FIRST_LABEL.matcher(origin);
      return matcher.matches()
          && listed.contains(matcher.group("scheme") + "*" + matcher.group("rest"));
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
            && (HostName.isLoopback(host.toLowerCase(Locale.ROOT))
                || host.toLowerCase(Locale.ROOT).endsWith(".localhost"));
      } catch (IllegalArgumentException e) {
        return false;
      }
    }
  }
}
