package tokenvending.server.lifecycle;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/** Handles SIGHUP, by which operators request that the file is read again. */
final class HangupSignal {
  private HangupSignal() {}

  /**
   * Runs this, on a thread of its own, at each SIGHUP. Does nothing where there is no such signal.
   */
  @SuppressWarnings("ReferenceEquality") // What a proxy's own equals must answer.
  static void handle(Runnable action) {
    try {
      // By name: the JDK supports these (module jdk.unsupported), and its compiler warns of each
      // use.
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object handling =
          Proxy.newProxyInstance(
              HangupSignal.class.getClassLoader(),
              new Class<?>[] {handler},
              (self, method, arguments) ->
                  switch (method.getName()) {
                    case "equals" -> self == arguments[0];
                    case "hashCode" -> System.identityHashCode(self);
                    case "toString" -> "SIGHUP";
                    default -> {
                      action.run();
                      yield null;
                    }
                  });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance("HUP"), handling);
    } catch (ReflectiveOperationException e) {
      if (!(e instanceof InvocationTargetException absent
          && absent.getCause() instanceof IllegalArgumentException)) {
        throw new IllegalStateException("the JDK has no signals", e);
      }
    }
  }
}
