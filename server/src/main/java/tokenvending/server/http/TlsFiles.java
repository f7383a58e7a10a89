package tokenvending.server.http;

import com.linecorp.armeria.common.TlsKeyPair;
import com.linecorp.armeria.common.TlsProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Date;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tokenvending.configuration.SmallFile;
import tokenvending.observation.Input;
import tokenvending.observation.ReloadState;
import tokenvending.observation.ReloadState.Reload;

/**
 * A listener's certificate and key. The files are compared once a second; a changed pair is used
 * for new connections. An invalid pair is logged, and the last valid one stays in use; so is an
 * expired pair, unless the one in use is expired, too.
 */
public final class TlsFiles implements TlsProvider {
  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final Logger LOG = LoggerFactory.getLogger(TlsFiles.class);

  private final HttpSettings.Tls files;
  private final InstantSource clock;
  private final ReloadState state;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile TlsKeyPair inUse;

  /** The contents that were last checked. */
  private Contents judged;

  /** The last invalid contents, possibly because only one file has been written yet. */
  private Optional<Contents> suspect = Optional.empty();

  private TlsFiles(
      HttpSettings.Tls files, Contents contents, TlsKeyPair pair, InstantSource clock) {
    this.files = files;
    this.judged = contents;
    this.inUse = pair;
    this.clock = clock;
    this.state = new ReloadState(Input.TLS, clock);
    var _ = state.succeeded();
  }

  /**
   * Reads the files, and watches them until closed.
   *
   * @throws UnusableTls if they are not a certificate chain and its key
   */
  static TlsFiles watch(HttpSettings.Tls files, InstantSource clock) {
    Contents contents = Contents.of(files);
    return switch (judge(files, contents)) {
      case Judgment.Unusable(String problem) -> throw new UnusableTls(problem);
      case Judgment.Usable(TlsKeyPair pair) -> {
        TlsFiles watch = new TlsFiles(files, contents, pair, clock);
        watch.warnOfDates(pair);
        Thread.ofVirtual().name("tls-files").start(watch::run);
        yield watch;
      }
    };
  }

  /** Returns a sentence about why the files cannot be used; empty if they can. */
  public static Optional<String> problem(HttpSettings.Tls files) {
    return switch (judge(files, Contents.of(files))) {
      case Judgment.Unusable(String problem) -> Optional.of(problem);
      case Judgment.Usable usable -> Optional.empty();
    };
  }

  /** Returns why clients reject a usable certificate at this time; empty if they do not. */
  public static Optional<String> dates(HttpSettings.Tls files, InstantSource clock) {
    return switch (judge(files, Contents.of(files))) {
      case Judgment.Unusable unusable -> Optional.empty();
      case Judgment.Usable(TlsKeyPair pair) -> dates(files, pair, clock);
    };
  }

  private static Optional<String> dates(
      HttpSettings.Tls files, TlsKeyPair pair, InstantSource clock) {
    X509Certificate certificate = pair.certificateChain().getFirst();
    try {
      certificate.checkValidity(Date.from(clock.instant()));
      return Optional.empty();
    } catch (CertificateExpiredException e) {
      return Optional.of(
          "the certificate in %s expired at %s"
              .formatted(files.certificate(), certificate.getNotAfter().toInstant()));
    } catch (CertificateNotYetValidException e) {
      return Optional.of(
          "the certificate in %s is not valid before %s"
              .formatted(files.certificate(), certificate.getNotBefore().toInstant()));
    }
  }

  @Override
  public TlsKeyPair keyPair(String hostName) {
    return inUse;
  }

  /** Returns the result of the latest reading. */
  Reload reload() {
    return state.now();
  }

  private void run() {
    try {
      while (!closed.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
        look();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look() {
    Contents now = Contents.of(files);
    if (now.isSameAs(judged)) {
      suspect = Optional.empty();
      return;
    }
    switch (successor(now)) {
      case Judgment.Usable(TlsKeyPair pair) -> {
        judged = now;
        suspect = Optional.empty();
        inUse = pair;
        var _ = state.succeeded();
        LOG.atInfo()
            .addKeyValue("certificate", files.certificate())
            .addKeyValue("validUntil", pair.certificateChain().getFirst().getNotAfter().toInstant())
            .log("the changed TLS certificate is in use");
        warnOfDates(pair);
      }
      case Judgment.Unusable(String problem) -> {
        // Two files are rarely written at once, so a pair must be invalid for a second before it is
        // reported.
        if (suspect.filter(now::isSameAs).isEmpty()) {
          suspect = Optional.of(now);
          return;
        }
        judged = now;
        suspect = Optional.empty();
        var _ = state.failed(problem);
        LOG.atError()
            .addKeyValue("problem", problem)
            .log("the changed TLS files cannot be used; the last certificate stays in use");
      }
    }
  }

  /** A pair that clients reject by its dates does not replace one that they accept. */
  private Judgment successor(Contents now) {
    Judgment judgment = judge(files, now);
    if (judgment instanceof Judgment.Usable(TlsKeyPair pair)
        && dates(files, inUse, clock).isEmpty()) {
      Optional<String> problem = dates(files, pair, clock);
      return problem.isEmpty() ? judgment : new Judgment.Unusable(problem.get());
    }
    return judgment;
  }

  private void warnOfDates(TlsKeyPair pair) {
    dates(files, pair, clock)
        .ifPresent(
            why -> LOG.atWarn().addKeyValue("problem", why).log("clients reject this certificate"));
  }

  private sealed interface Judgment {
    record Usable(TlsKeyPair pair) implements Judgment {}

    /**
     * An invalid pair.
     *
     * @param problem a sentence that quotes no part of the key
     */
    record Unusable(String problem) implements Judgment {}
  }

  private static Judgment judge(HttpSettings.Tls files, Contents contents) {
    if (contents.problem.isPresent()) {
      return new Judgment.Unusable(contents.problem.get());
    }
    TlsKeyPair pair;
    try {
      pair =
          TlsKeyPair.of(
              new ByteArrayInputStream(contents.key),
              new ByteArrayInputStream(contents.certificate));
    } catch (IllegalArgumentException e) {
      return new Judgment.Unusable(
          "expected a PEM certificate chain in %s and its unencrypted PEM key in %s"
              .formatted(files.certificate(), files.key()));
    }
    return belongTogether(pair.privateKey(), pair.certificateChain().getFirst().getPublicKey())
        ? new Judgment.Usable(pair)
        : new Judgment.Unusable(
            "the key in %s does not belong to the first certificate in %s"
                .formatted(files.key(), files.certificate()));
  }

  /** Whether the certificate verifies what the key signs. */
  private static boolean belongTogether(PrivateKey key, PublicKey certified) {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          case "RSASSA-PSS" -> "RSASSA-PSS";
          default -> key.getAlgorithm();
        };
    byte[] message = {1, 2, 3};
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(message);
      byte[] signed = signature.sign();
      signature.initVerify(certified);
      signature.update(message);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }

  /** The contents of both files, or why one of them cannot be read. */
  private static final class Contents {
    private static final byte[] NOTHING = {};

    private final byte[] certificate;
    private final byte[] key;
    private final Optional<String> problem;

    private Contents(byte[] certificate, byte[] key, Optional<String> problem) {
      this.certificate = certificate;
      this.key = key;
      this.problem = problem;
    }

    static Contents of(HttpSettings.Tls files) {
      Path at = files.certificate();
      try {
        byte[] certificate = SmallFile.read(at);
        at = files.key();
        return new Contents(certificate, SmallFile.read(at), Optional.empty());
      } catch (NoSuchFileException e) {
        return new Contents(NOTHING, NOTHING, Optional.of(at + " does not exist"));
      } catch (IOException e) {
        return new Contents(NOTHING, NOTHING, Optional.of(at + " cannot be read"));
      }
    }

    boolean isSameAs(Contents other) {
      return problem.equals(other.problem)
          && Arrays.equals(certificate, other.certificate)
          && Arrays.equals(key, other.key);
    }
  }

  /** The certificate or its key is invalid; the message is one sentence. */
  public static final class UnusableTls extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnusableTls(String problem) {
      super("server.tls: " + problem);
    }
  }
}
