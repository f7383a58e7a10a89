package tokenvending.momento.netty;

import io.netty.resolver.InetNameResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/**
 * Looks names up as the JDK does, with the system's own resolver, which knows what Netty's does
 * not: nsswitch, a VPN's names, macOS. It blocks, so each look-up has a virtual thread.
 */
final class JdkNames extends InetNameResolver {
  JdkNames(EventExecutor executor) {
    super(executor);
  }

  @Override
  protected void doResolve(String name, Promise<InetAddress> found) {
    Thread.startVirtualThread(
        () -> {
          try {
            found.trySuccess(InetAddress.getByName(name));
          } catch (UnknownHostException e) {
            found.tryFailure(e);
          }
        });
  }

  @Override
  protected void doResolveAll(String name, Promise<List<InetAddress>> found) {
    Thread.startVirtualThread(
        () -> {
          try {
            found.trySuccess(List.of(InetAddress.getAllByName(name)));
          } catch (UnknownHostException e) {
            found.tryFailure(e);
          }
        });
  }
}
