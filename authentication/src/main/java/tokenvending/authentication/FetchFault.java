package tokenvending.authentication;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Describes the cause of a failed HTTP request for the operations log, without text from the other
 * side.
 */
final class FetchFault {
  /**
   * The longest chain of causes that is examined; a longer one has a cycle or no further
   * information.
   */
  private static final int DEEPEST = 20;

  private FetchFault() {}

  /** Describes the most specific cause in the chain. */
  static String of(@Nullable Throwable failure) {
    String named = "the connection broke, or the response is too large";
    @Nullable Throwable cause = failure;
    for (int i = 0; i < DEEPEST && cause != null; i++) {
      @Nullable String name = name(cause);
      named = name == null ? named : name;
      cause = cause.getCause();
    }
    return named;
  }

  private static @Nullable String name(Throwable cause) {
    return switch (cause) {
      case CertificateExpiredException _ -> "the certificate has expired";
      case CertificateNotYetValidException _ -> "the certificate is not valid yet";
      case CertPathBuilderException _, CertPathValidatorException _ ->
          "the certificate is not trusted: its certificate authority is not in the JVM's trust"
              + " store";
      case CertificateException _ -> "the certificate is not for this host, or not acceptable";
      case SSLException _ -> "the TLS handshake failed";
      case HttpConnectTimeoutException _ -> "the connection timed out";
      case HttpTimeoutException _ -> "the response timed out";
      case UnknownHostException _, UnresolvedAddressException _ -> "the host name is unknown";
      case NoRouteToHostException _ -> "no route to the host";
      case ConnectException _ -> "connection refused";
      // The JDK's client has no exception type for this failure.
      case IOException e when String.valueOf(e.getMessage()).startsWith("Tunnel failed") ->
          "the proxy refused the connection";
      default -> null;
    };
  }
}
