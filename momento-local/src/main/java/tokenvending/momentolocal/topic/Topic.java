package tokenvending.momentolocal.topic;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tokenvending.momentolocal.wire._SubscriptionItem;

/**
 * One topic: its page, a ring of its newest items, and its subscribers. Guarded by the lock of
 * {@link Topics}.
 */
final class Topic {

  /** An item as every subscriber receives it, and its size in bytes. */
  record Entry(Topic topic, _SubscriptionItem item, long bytes) {

    /** Publications are compared by identity. */
    @Override
    public boolean equals(@Nullable Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }

  private final Set<Subscription> subscriptions = new HashSet<>();
  private long page;
  private long first = 1;
  private long last;
  // Holds the items first..last, each at its sequence modulo the length, a power of two.
  private @Nullable Entry[] ring = new @Nullable Entry[16];

  Topic(long page) {
    this.page = page;
  }

  Set<Subscription> subscriptions() {
    return subscriptions;
  }

  long page() {
    return page;
  }

  /** Returns the oldest stored item, or the next one if none is stored. */
  long first() {
    return first;
  }

  /** Returns the newest item of this page; 0 before the first. */
  long last() {
    return last;
  }

  int size() {
    return (int) (last - first + 1);
  }

  void append(Entry entry) {
    if (size() == ring.length) {
      grow();
    }
    last++;
    ring[slot(last)] = entry;
  }

  Entry oldest() {
    return at(first);
  }

  Entry at(long sequence) {
    Entry entry = ring[slot(sequence)];
    if (sequence < first || sequence > last || entry == null) {
      throw new IllegalStateException("no such item");
    }
    return entry;
  }

  void dropOldest() {
    ring[slot(first)] = null;
    first++;
  }

  /** Starts a new, empty incarnation. */
  void reset(long newPage) {
    page = newPage;
    first = 1;
    last = 0;
    Arrays.fill(ring, null);
  }

  private void grow() {
    @Nullable Entry[] larger = new @Nullable Entry[ring.length * 2];
    for (long sequence = first; sequence <= last; sequence++) {
      larger[(int) (sequence & (larger.length - 1))] = ring[slot(sequence)];
    }
    ring = larger;
  }

  private int slot(long sequence) {
    return (int) (sequence & (ring.length - 1));
  }
}
