package tokenvending.server.lifecycle;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/** Handles SIGHUP, which requests a reload of the file. */
final class HangupSignal {
  private HangupSignal() {}

  /**
   * Runs the task on its own thread at each SIGHUP. Does nothing if the system has no such signal.
   */
  @SuppressWarnings("ReferenceEquality") // What a proxy's own equals must answer.
  static void handle(Runnable action) {
    try {
      // By reflection: the JDK supports these classes (module jdk.unsupported), but the compiler
      // warns about each use.
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
