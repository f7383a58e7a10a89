package tokenvending.application;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts of a machine that outlive a change of its file: connections, counters, open files. A
 * part whose settings did not change is taken over by the next generation; the others are closed
 * with the generation that made them.
 */
final class Parts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Parts.class);

  private final List<Part> before;
  private final List<Part> now = new CopyOnWriteArrayList<>();

  private record Part(Class<?> type, Object settings, Object made) {
    /** They are few, and a start would take longer to hash their settings than to compare them. */
    boolean isFor(Class<?> wanted, Object its) {
      return type == wanted && Objects.equals(settings, its);
    }
  }

  private Parts(List<Part> before) {
    this.before = before;
  }

  /** The first generation. */
  static Parts none() {
    return new Parts(List.of());
  }

  /** A generation that may take over what this one has. */
  Parts next() {
    return new Parts(now);
  }

  /** The part for these settings: the one that there is, or a new one. */
  synchronized <T> T keep(Class<T> type, Object settings, Supplier<T> make) {
    Optional<Part> kept = find(now, type, settings);
    if (kept.isEmpty()) {
      Part part =
          find(before, type, settings).orElseGet(() -> new Part(type, settings, make.get()));
      now.add(part);
      kept = Optional.of(part);
    }
    return type.cast(kept.get().made());
  }

  private static Optional<Part> find(List<Part> parts, Class<?> type, Object settings) {
    return parts.stream().filter(part -> part.isFor(type, settings)).findFirst();
  }

  /** Closes the parts that the other generation did not take over, last made first. */
  void closeAllBut(Parts other) {
    for (Part part : now.reversed()) {
      if (!other.now.contains(part) && part.made() instanceof AutoCloseable open) {
        try {
          open.close();
        } catch (Exception e) {
          LOG.atWarn()
              .addKeyValue("part", part.type().getSimpleName())
              .addKeyValue("fault", e.getClass().getName())
              .log("a part did not close");
        }
      }
    }
  }

  @Override
  public void close() {
    closeAllBut(none());
  }
}
