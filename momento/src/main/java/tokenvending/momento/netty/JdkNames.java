package tokenvending.momento.netty;

import io.netty.resolver.InetNameResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/**
 * Resolves names with the JDK and thus the system's resolver, which supports what Netty's does not:
 * nsswitch, VPN names, macOS. It blocks, so each look-up runs on a virtual thread.
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
