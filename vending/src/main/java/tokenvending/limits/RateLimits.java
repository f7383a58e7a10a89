package tokenvending.limits;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.Principal;
import tokenvending.limits.Admission.Admitted;
import tokenvending.limits.Admission.Scope;
import tokenvending.limits.Admission.Throttled;

/**
 * One rate for each identified caller and one for each client's network, held in this process. A
 * refused request counts against neither. What is told to wait has a chance after exactly that
 * time, unless it is asked for elsewhere in between.
 *
 * <p>At most {@value #CAPACITY} callers and as many networks are remembered, about 100 bytes each.
 * Beyond that the idlest are forgotten and start anew; one that is over its rate never is, and
 * while all are over theirs, strangers wait.
 */
public final class RateLimits implements Limits {
  /** How many callers, and how many networks, are remembered. */
  public static final int CAPACITY = 100_000;

  private final Optional<Meter<Caller>> perCaller;
  private final Optional<Meter<Network>> perAddress;
  private final LongSupplier nanoTime;
  private final Object lock = new Object();

  /**
   * Counts from nothing.
   *
   * @param perCaller by issuer and subject; anonymous callers have none
   * @param perAddress by {@link ClientAddress#network()}
   * @param nanoTime a clock that never steps, such as {@link System#nanoTime}
   */
  public RateLimits(Optional<Rate> perCaller, Optional<Rate> perAddress, LongSupplier nanoTime) {
    this(perCaller, perAddress, CAPACITY, nanoTime);
  }

  RateLimits(
      Optional<Rate> perCaller, Optional<Rate> perAddress, int capacity, LongSupplier nanoTime) {
    this.perCaller = perCaller.map(rate -> new Meter<>(rate, capacity));
    this.perAddress = perAddress.map(rate -> new Meter<>(rate, capacity));
    this.nanoTime = nanoTime;
  }

  @Override
  public Admission admit(Principal caller, ClientAddress from) {
    Optional<Caller> who =
        perCaller.isPresent()
            ? caller.subject().map(subject -> Caller.of(caller.issuer(), subject))
            : Optional.empty();
    Network network = Network.of(from.network());
    synchronized (lock) {
      long now = nanoTime.getAsLong();
      long callerWaits =
          perCaller.flatMap(meter -> who.map(key -> meter.waitFor(key, now))).orElse(0L);
      long addressWaits = perAddress.map(meter -> meter.waitFor(network, now)).orElse(0L);
      if (callerWaits > 0 && callerWaits >= addressWaits) {
        return new Throttled(Scope.PER_CALLER, Duration.ofNanos(callerWaits));
      }
      if (addressWaits > 0) {
        return new Throttled(Scope.PER_ADDRESS, Duration.ofNanos(addressWaits));
      }
      perCaller.ifPresent(meter -> who.ifPresent(key -> meter.count(key, now)));
      perAddress.ifPresent(meter -> meter.count(network, now));
      return new Admitted();
    }
  }

  /** How many keys are held. */
  int size() {
    synchronized (lock) {
      return perCaller.map(Meter::size).orElse(0) + perAddress.map(Meter::size).orElse(0);
    }
  }

  /** Half a SHA-256: an issuer may give subjects of any length, and each takes the same room. */
  private record Caller(long first, long second) {
    static Caller of(String issuer, String subject) {
      byte[] name = issuer.getBytes(UTF_8);
      try {
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        // The length in front: no issuer and subject run together into another pair.
        sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, name.length));
        sha256.update(name);
        ByteBuffer digest = ByteBuffer.wrap(sha256.digest(subject.getBytes(UTF_8)));
        return new Caller(digest.getLong(), digest.getLong());
      } catch (NoSuchAlgorithmException e) {
        throw new AssertionError("every Java platform has SHA-256", e);
      }
    }
  }

  /** The 32 bits of an IPv4 address, or the first 64 of an IPv6 one. */
  private record Network(long bits, boolean six) implements Comparable<Network> {
    static Network of(InetAddress network) {
      ByteBuffer bytes = ByteBuffer.wrap(network.getAddress());
      return bytes.remaining() == 4
          ? new Network(Integer.toUnsignedLong(bytes.getInt()), false)
          : new Network(bytes.getLong(), true);
    }

    /** An order keeps the map quick for whoever chooses his addresses by their hash. */
    @Override
    public int compareTo(Network other) {
      int byFamily = Boolean.compare(six, other.six);
      return byFamily != 0 ? byFamily : Long.compare(bits, other.bits);
    }
  }
}
