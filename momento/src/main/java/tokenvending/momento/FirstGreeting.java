package tokenvending.momento;

import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;

/**
 * What a process takes for its first TLS connection besides whom it trusts: the JDK's tables for
 * P-256, a curve for which every greeting has a key (RFC 8446 §4.2.8). Neither needs the other, and
 * each takes as long as the rest of a greeting, so they are better had side by side.
 */
public final class FirstGreeting {
  private FirstGreeting() {}

  /** Makes the tables on a thread of their own. */
  public static void begin() {
    Thread.ofPlatform().daemon().name("first-greeting").start(FirstGreeting::makeTables);
  }

  private static void makeTables() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      // Of no use to anybody: making it is what needs the tables.
      var _ = generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      // The greeting will say so.
    }
  }
}
