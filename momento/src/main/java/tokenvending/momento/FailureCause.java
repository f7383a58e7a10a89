package tokenvending.momento;

import io.netty.handler.codec.http2.Http2Error;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLException;

/**
 * The cause of a failed call, for the operations log. It contains no text of a server or a library,
 * because that text can quote the request and its API key.
 */
public sealed interface FailureCause {
  /** Returns a phrase in printable ASCII. */
  String text();

  /** Failures of the connection, or while waiting for a response. */
  enum Network implements FailureCause {
    NAME_NOT_RESOLVED("DNS: the host name cannot be resolved"),
    CONNECTION_REFUSED("connection refused"),
    CONNECT_TIMEOUT("the connection timed out"),
    NO_ROUTE("no route to the host"),
    PROXY_AUTHENTICATION("the proxy requires authentication"),
    PROXY_REFUSED("the proxy rejected the connection, or its response is not HTTP"),
    CERTIFICATE_EXPIRED("the server's certificate has expired"),
    CERTIFICATE_NOT_YET_VALID("the server's certificate is not valid yet"),
    CERTIFICATE_REVOKED("the server's certificate is revoked"),
    CERTIFICATE_WRONG_HOST("the server's certificate is for another host name"),
    CERTIFICATE_UNTRUSTED("the server's certificate is not signed by a trusted authority"),
    NOT_TLS("the server does not use TLS"),
    TLS_FAILED("the TLS handshake failed"),
    NOT_HTTP2("the server or a proxy does not use HTTP/2"),
    CONNECTION_RESET("the connection was reset"),
    CONNECTION_CLOSED("the server closed the connection"),
    KEEPALIVE_TIMEOUT("the server stopped responding on an open connection"),
    DEADLINE("no response before the deadline"),
    RESPONSE_TOO_LONG("the response is too long"),
    NOT_GRPC("the response is not a gRPC message"),
    NOT_A_TOKEN("the response is not a usable token"),
    INTERRUPTED("the caller disconnected"),
    CLOSING("this process is closing the connection"),
    UNCLASSIFIED("the connection failed");

    private final String text;

    Network(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }

  /** The server ended the call with a gRPC status. */
  record Reported(GrpcStatus status) implements FailureCause {
    @Override
    public String text() {
      return "the server returned gRPC status " + status;
    }
  }

  /** The server reset the call's stream. */
  record StreamReset(long errorCode) implements FailureCause {
    @Override
    public String text() {
      return "the server reset the stream with " + http2Error(errorCode);
    }
  }

  /** The server closed the connection with an error. */
  record GoAway(long errorCode) implements FailureCause {
    @Override
    public String text() {
      return "the server ended the connection with " + http2Error(errorCode);
    }
  }

  /**
   * The response was HTTP, but not gRPC.
   *
   * @param html whether its content type is HTML, as for the error page of a proxy
   */
  record HttpAnswer(int status, boolean html) implements FailureCause {
    @Override
    public String text() {
      return "the server or a proxy returned HTTP "
          + status
          + (html ? " and an HTML page" : "")
          + " instead of gRPC";
    }
  }

  /** The connection to the proxy in front of the server failed. */
  record AtProxy(FailureCause cause) implements FailureCause {
    @Override
    public String text() {
      return "to the proxy: " + cause.text();
    }
  }

  /** There is no API key. */
  record NoApiKey(String problem) implements FailureCause {
    @Override
    public String text() {
      return problem;
    }
  }

  /** Returns the name of an error code, or its number if RFC 9113 §7 does not define it. */
  private static String http2Error(long code) {
    Http2Error error = Http2Error.valueOf(code);
    return error == null ? String.format(Locale.ROOT, "0x%x", code & 0xffff_ffffL) : error.name();
  }

  /** Returns the cause of an exception of the JDK's network classes. */
  static FailureCause of(Throwable failure) {
    Optional<FailureCause> found = Optional.empty();
    Throwable at = failure;
    // The innermost known cause is used, because outer exceptions are less specific.
    for (int depth = 0; at != null && depth < 20; depth++) {
      Optional<FailureCause> here = named(at);
      found = here.isPresent() ? here : found;
      at = at.getCause();
    }
    return found.orElse(Network.UNCLASSIFIED);
  }

  private static Optional<FailureCause> named(Throwable failure) {
    String words = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
    Network cause =
        switch (failure) {
          case UnknownHostException unknown -> Network.NAME_NOT_RESOLVED;
          case java.nio.channels.UnresolvedAddressException unresolved -> Network.NAME_NOT_RESOLVED;
          case NoRouteToHostException none -> Network.NO_ROUTE;
          case SocketTimeoutException late -> Network.CONNECT_TIMEOUT;
          case ConnectException failed when words.contains("refused") -> Network.CONNECTION_REFUSED;
          case ConnectException failed when words.contains("timed out") -> Network.CONNECT_TIMEOUT;
          case ConnectException failed when words.contains("unreachable") -> Network.NO_ROUTE;
          case CertificateExpiredException expired -> Network.CERTIFICATE_EXPIRED;
          case CertificateNotYetValidException early -> Network.CERTIFICATE_NOT_YET_VALID;
          case CertPathValidatorException path -> invalid(path);
          case CertPathBuilderException path -> Network.CERTIFICATE_UNTRUSTED;
          case CertificateException name
              when words.startsWith("no subject alternative")
                  || words.startsWith("no name matching") ->
              Network.CERTIFICATE_WRONG_HOST;
          case SSLException record
              when words.contains("unsupported or unrecognized ssl message")
                  || words.contains("not an ssl/tls record") ->
              Network.NOT_TLS;
          case SSLException handshake -> Network.TLS_FAILED;
          case SocketException reset when isReset(words) -> Network.CONNECTION_RESET;
          case java.io.IOException reset when isReset(words) -> Network.CONNECTION_RESET;
          default -> null;
        };
    return Optional.ofNullable(cause);
  }

  private static Network invalid(CertPathValidatorException path) {
    if (path.getReason() instanceof CertPathValidatorException.BasicReason reason) {
      return switch (reason) {
        case EXPIRED -> Network.CERTIFICATE_EXPIRED;
        case NOT_YET_VALID -> Network.CERTIFICATE_NOT_YET_VALID;
        case REVOKED -> Network.CERTIFICATE_REVOKED;
        case UNSPECIFIED,
            UNDETERMINED_REVOCATION_STATUS,
            INVALID_SIGNATURE,
            ALGORITHM_CONSTRAINED ->
            Network.CERTIFICATE_UNTRUSTED;
      };
    }
    return Network.CERTIFICATE_UNTRUSTED;
  }

  private static boolean isReset(String words) {
    return words.contains("reset") || words.contains("broken pipe") || words.contains("aborted");
  }
}
