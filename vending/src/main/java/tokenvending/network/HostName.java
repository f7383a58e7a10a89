package tokenvending.network;

import java.util.regex.Pattern;

/** Validates and classifies host names by their text, without resolving them. */
public final class HostName {
  private static final String LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";

  /** A possessive quantifier, so that hostile text cannot cause backtracking. */
  private static final Pattern FORM = Pattern.compile("(?:" + LABEL + "\\.)*+" + LABEL);

  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127(?:\\.[0-9]{1,3}){3}|\\[::1]");

  private HostName() {}

  /** Whether the text is a host name (RFC 1123 §2.1) of at most 253 characters. */
  public static boolean isValid(String text) {
    return text.length() <= 253 && FORM.matcher(text).matches();
  }

  /** Whether the host of a URL, in lower case, is this machine. */
  public static boolean isLoopback(String host) {
    return LOOPBACK.matcher(host).matches();
  }
}
