package tokenvending.server.http;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;

/**
 * Counts the requests of an HTTP/1 connection that have no answer yet. It stands next to Netty's
 * codec, the last place where an answer has an end.
 */
final class UnansweredRequests extends ChannelDuplexHandler {
  private final Runnable answered;
  private int count;

  /** A count that begins with nothing. */
  UnansweredRequests(Runnable answered) {
    this.answered = answered;
  }

  int count() {
    return count;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    if (message instanceof HttpRequest) {
      count++;
    }
    super.channelRead(context, message);
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise)
      throws Exception {
    super.write(context, message, promise);
    // The first request of a connection may have passed before this handler was there.
    if (message instanceof LastHttpContent && !isInformational(message) && count > 0) {
      count--;
      answered.run();
    }
  }

  private static boolean isInformational(Object message) {
    return message instanceof HttpResponse response
        && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
  }
}
