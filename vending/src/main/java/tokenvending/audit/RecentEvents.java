package tokenvending.audit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** Holds the latest audit events in memory, for the playground. Thread-safe. */
public final class RecentEvents {
  private final int capacity;
  private final Deque<AuditEvent> events = new ArrayDeque<>();
  private long total;

  /**
   * Starts empty.
   *
   * @param capacity how many events are held; the oldest are dropped
   */
  public RecentEvents(int capacity) {
    this.capacity = capacity;
  }

  /**
   * A series of events.
   *
   * @param next the number of the next event
   */
  public record Stretch(long next, List<AuditEvent> events) {
    public Stretch {
      events = List.copyOf(events);
    }
  }

  /**
   * Returns a sink that passes events to {@code sink} and holds those that were written or
   * submitted.
   */
  public AuditSink before(AuditSink sink) {
    return new AuditSink() {
      @Override
      public boolean record(AuditEvent event) {
        boolean recorded = sink.record(event);
        if (recorded) {
          add(event);
        }
        return recorded;
      }

      @Override
      public void submit(AuditEvent event) {
        sink.submit(event);
        add(event);
      }

      @Override
      public Optional<String> problem() {
        return sink.problem();
      }
    };
  }

  private synchronized void add(AuditEvent event) {
    if (events.size() == capacity) {
      events.removeFirst();
    }
    events.addLast(event);
    total++;
  }

  /**
   * Returns the events from this number on, oldest first, that are still held. Numbers begin at 0.
   */
  public synchronized Stretch from(long number) {
    List<AuditEvent> all = new ArrayList<>(events);
    long first = total - all.size();
    int skip = (int) Math.max(0, Math.min(all.size(), number - first));
    // A number that is too high came from an earlier process: return everything.
    return new Stretch(total, number > total ? all : all.subList(skip, all.size()));
  }
}
