package tokenvending.block;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import tokenvending.identity.Principal;
import tokenvending.state.BlockStore;

/**
 * The callers whom an operator has blocked, as one store has them for all instances. What was read
 * is used for less than a second; then a request reads it again. While the store is unavailable,
 * what is known stays blocked. A block that the store has lost is written back: only an entry that
 * lifts it, or its end, ends it. Thread-safe.
 */
public final class BlockList {
  /** From this age on, one request reads the list again while others use it. */
  private static final Duration FRESH = Duration.ofMillis(400);

  /** From this age on, every request waits for the list. */
  private static final Duration OLDEST = Duration.ofMillis(900);

  /** The answer about one caller. */
  public sealed interface Status {
    record NotBlocked() implements Status {}

    record Blocked(Block block) implements Status {}

    /** The list has never been read. */
    record Unknown() implements Status {}
  }

  /**
   * What was read.
   *
   * @param isRead whether it ever was
   * @param nanos when reading was tried last, by the monotonic clock
   * @param at the same by the other clock, since a frozen process can lose monotonic time
   */
  private record Known(Map<Block.Key, Block> blocks, boolean isRead, long nanos, Instant at) {}

  private final BlockStore store;
  private final LongSupplier nanoTime;
  private final InstantSource clock;
  private final ReentrantLock reading = new ReentrantLock();
  private volatile Known known;

  /**
   * Reads nothing yet.
   *
   * @param nanoTime a monotonic clock
   */
  public BlockList(BlockStore store, LongSupplier nanoTime, InstantSource clock) {
    this.store = store;
    this.nanoTime = nanoTime;
    this.clock = clock;
    this.known = new Known(Map.of(), false, nanoTime.getAsLong() - OLDEST.toNanos(), Instant.EPOCH);
  }

  /** Returns whether this caller is blocked. */
  public Status status(Principal caller) {
    Known now = current();
    if (!now.isRead()) {
      return new Status.Unknown();
    }
    if (caller.subject().isEmpty() || now.blocks().isEmpty()) {
      return new Status.NotBlocked();
    }
    String subject = caller.subject().get();
    for (Optional<String> issuer :
        List.of(Optional.of(caller.issuer()), Optional.<String>empty())) {
      Optional<Block> found =
          Optional.ofNullable(now.blocks().get(new Block.Key(issuer, subject)))
              .filter(this::counts);
      if (found.isPresent()) {
        return new Status.Blocked(found.get());
      }
    }
    return new Status.NotBlocked();
  }

  private boolean counts(Block block) {
    return !block.lifted() && !block.isOver(clock.instant());
  }

  /** Reads the store, and returns the blocks in force by subject; empty if it is unavailable. */
  public Optional<List<Block>> inForce() {
    return readNow()
        ? Optional.of(
            known.blocks().values().stream()
                .filter(this::counts)
                .sorted(Comparator.comparing(Block::subject))
                .toList())
        : Optional.empty();
  }

  /**
   * Adds an entry, and removes those that are over from the store.
   *
   * @return whether it is stored; not if the store is unavailable or has no room
   */
  public boolean put(Block block) {
    if (!(store.read() instanceof BlockStore.Reading.Found(Map<String, String> entries))) {
      return false;
    }
    // A clock of another instance can be behind.
    Instant longAgo = clock.instant().minus(Duration.ofHours(1));
    int left = entries.size();
    for (Map.Entry<String, String> entry : entries.entrySet()) {
      if (Block.decoded(entry.getValue()).filter(one -> one.isOver(longAgo)).isPresent()) {
        store.remove(entry.getKey());
        left--;
      }
    }
    boolean fits = left < BlockStore.MOST || entries.containsKey(block.name());
    return fits && store.put(block.name(), block.encoded());
  }

  private Known current() {
    Known seen = known;
    if (age(seen).compareTo(FRESH) < 0) {
      return seen;
    }
    if (!seen.isRead() || age(seen).compareTo(OLDEST) >= 0) {
      reading.lock();
    } else if (!reading.tryLock()) {
      return seen;
    }
    try {
      if (age(known).compareTo(FRESH) >= 0) {
        var _ = readNow();
      }
      return known;
    } finally {
      reading.unlock();
    }
  }

  /** Returns the longer of the times by the two clocks. */
  private Duration age(Known seen) {
    Duration byNanos = Duration.ofNanos(nanoTime.getAsLong() - seen.nanos());
    Duration byClock = Duration.between(seen.at(), clock.instant()).abs();
    return byNanos.compareTo(byClock) > 0 ? byNanos : byClock;
  }

  private boolean readNow() {
    reading.lock();
    try {
      Optional<Map<Block.Key, Block>> read = read();
      known =
          new Known(
              read.orElse(known.blocks()),
              known.isRead() || read.isPresent(),
              nanoTime.getAsLong(),
              clock.instant());
      return read.isPresent();
    } finally {
      reading.unlock();
    }
  }

  /** Returns what is known and what the store has; empty if the store or an entry is unreadable. */
  private Optional<Map<Block.Key, Block>> read() {
    if (!(store.read() instanceof BlockStore.Reading.Found(Map<String, String> entries))) {
      return Optional.empty();
    }
    Map<Block.Key, Block> merged = new HashMap<>(known.blocks());
    for (String text : entries.values()) {
      Optional<Block> entry = Block.decoded(text);
      if (entry.isEmpty()) {
        return Optional.empty();
      }
      merged.merge(
          entry.get().key(), entry.get(), (old, next) -> old.supersedes(next) ? old : next);
    }
    Instant now = clock.instant();
    merged.values().removeIf(block -> block.isOver(now));
    for (Block block : merged.values()) {
      if (!block.lifted() && !entries.containsKey(block.name())) {
        var _ = store.put(block.name(), block.encoded());
      }
    }
    return Optional.of(Map.copyOf(merged));
  }
}
