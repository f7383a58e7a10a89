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
   * Holds nothing yet.
   *
   * @param capacity how many are held; older ones are forgotten
   */
  public RecentEvents(int capacity) {
    this.capacity = capacity;
  }

  /**
   * Some events in a row.
   *
   * @param next the number that the next event will have
   */
  public record Stretch(long next, List<AuditEvent> events) {
    public Stretch {
      events = List.copyOf(events);
    }
  }

  /** A sink that passes events on, and holds here those that were written or submitted. */
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
   * The events from this number on, oldest first, as far as they are still held. Numbers begin at
   * 0.
   */
  public synchronized Stretch from(long number) {
    List<AuditEvent> all = new ArrayList<>(events);
    long first = total - all.size();
    int skip = (int) Math.max(0, Math.min(all.size(), number - first));
    // A number that was never given out is of another process, before this one: begin anew.
    return new Stretch(total, number > total ? all : all.subList(skip, all.size()));
  }
}
