package tokenvending.momento.netty;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.proxy.ProxyConnectException;
import io.netty.handler.ssl.NotSslRecordException;
import java.util.Locale;
import tokenvending.momento.FailureCause;
import tokenvending.momento.FailureCause.Network;

/** Maps Netty's exceptions to a {@link FailureCause}. */
final class NettyFailure {
  private NettyFailure() {}

  static FailureCause cause(Throwable failure) {
    Throwable at = failure;
    for (int depth = 0; at != null && depth < 20; depth++) {
      switch (at) {
        case Health.Ended ended -> {
          return ended.why();
        }
        case ProxyConnectException proxy -> {
          return proxy(proxy);
        }
        case ConnectTimeoutException late -> {
          return Network.CONNECT_TIMEOUT;
        }
        case NotSslRecordException clear -> {
          return Network.NOT_TLS;
        }
        case Http2Exception protocol -> {
          return Network.NOT_HTTP2;
        }
        default -> at = at.getCause();
      }
    }
    return FailureCause.of(failure);
  }

  /** Parses the status from the message, because Netty has it nowhere else. */
  private static FailureCause proxy(ProxyConnectException failure) {
    String words = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
    if (words.contains("status: 407")) {
      return Network.PROXY_AUTHENTICATION;
    }
    FailureCause inner =
        failure.getCause() == null ? Network.UNCLASSIFIED : cause(failure.getCause());
    return inner == Network.UNCLASSIFIED ? Network.PROXY_REFUSED : inner;
  }
}
