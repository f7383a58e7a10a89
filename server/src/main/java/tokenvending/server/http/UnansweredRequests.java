package tokenvending.server.http;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;

/**
 * Counts the unanswered requests of an HTTP/1 connection. It is next to Netty's codec, the last
 * place where the end of a response is visible.
 */
final class UnansweredRequests extends ChannelDuplexHandler {
  private final Runnable answered;
  private int count;

  /**
   * Starts at zero.
   *
   * @param answered is called after each response
   */
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
    // The first request of a connection can have passed before this handler was added.
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
