package tokenvending.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmInfoMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import java.util.List;

/** The metrics of the JVM, under Micrometer's usual names. */
final class Machinery implements AutoCloseable {
  private final JvmGcMetrics collections = new JvmGcMetrics();

  private Machinery() {}

  static Machinery watchedBy(MeterRegistry meters) {
    Machinery machinery = new Machinery();
    List<MeterBinder> binders =
        List.of(
            machinery.collections,
            new FileDescriptorMetrics(),
            new JvmInfoMetrics(),
            new JvmMemoryMetrics(),
            new JvmThreadMetrics(),
            new ProcessorMetrics(),
            new UptimeMetrics());
    binders.forEach(binder -> binder.bindTo(meters));
    return machinery;
  }

  /** Stops listening to garbage collections. */
  @Override
  public void close() {
    collections.close();
  }
}
