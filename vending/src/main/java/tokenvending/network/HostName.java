package tokenvending.network;

import java.util.regex.Pattern;

/** Decides what a host name is, by its text alone: what it resolves to is for others to choose. */
public final class HostName {
  private static final String LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";

  /** The possessive quantifier keeps hostile text from costing time. */
  private static final Pattern FORM = Pattern.compile("(?:" + LABEL + "\\.)*+" + LABEL);

  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127(?:\\.[0-9]{1,3}){3}|\\[::1]");

  private HostName() {}

  /** Whether this is a host name (RFC 1123 §2.1) of at most 253 characters. */
  public static boolean isValid(String text) {
    return text.length() <= 253 && FORM.matcher(text).matches();
  }

  /** Whether the host of a URL, in lower case, is this machine. */
  public static boolean isLoopback(String host) {
    return LOOPBACK.matcher(host).matches();
  }
}
