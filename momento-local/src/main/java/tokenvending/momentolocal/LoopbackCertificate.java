package tokenvending.momentolocal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;

/**
 * A certificate for {@code localhost} and {@code 127.0.0.1}, good for two days, for a Momento that
 * is to be met over TLS. An authority of its own has signed it, as others are signed: to check one
 * that signs itself takes less of a JVM than to check any other, so nobody would learn from it.
 */
public final class LoopbackCertificate {
  private static final String PASSWORD = "loopback";
  private static final String KEY_STORE = "loopback.p12";
  private static final String TRUST_STORE = "cacerts";
  private static final String OWN =
      " -keystore " + KEY_STORE + " -storetype PKCS12 -storepass " + PASSWORD;
  private static final String KEY = " -keyalg EC -groupname secp256r1 -validity 2" + OWN;

  /** What keytool is told in the folder. */
  private static final List<String> STEPS =
      List.of(
          "-genkeypair -alias authority -dname CN=authority -ext bc:c" + KEY,
          "-genkeypair -alias server -dname CN=localhost -ext san=dns:localhost,ip:127.0.0.1"
              + " -signer authority"
              + KEY,
          "-exportcert -alias authority -file authority.pem" + OWN,
          // Else it would be a server's, too.
          "-delete -alias authority" + OWN,
          "-importcert -noprompt -alias authority -file authority.pem -storepass changeit"
              + " -keystore "
              + TRUST_STORE);

  private final Path folder;

  private LoopbackCertificate(Path folder) {
    this.folder = folder;
  }

  /**
   * Makes one, which takes some seconds.
   *
   * @param jdk the home of the one whose keytool makes it, and whose list of authorities it joins
   * @param folder takes its files, in place of those of an earlier one
   * @throws IOException where keytool is not there, or fails
   */
  public static LoopbackCertificate make(Path jdk, Path folder)
      throws IOException, InterruptedException {
    Files.deleteIfExists(folder.resolve(KEY_STORE));
    Files.copy(
        jdk.resolve("lib").resolve("security").resolve("cacerts"),
        folder.resolve(TRUST_STORE),
        StandardCopyOption.REPLACE_EXISTING);
    for (String arguments : STEPS) {
      List<String> command = new ArrayList<>();
      command.add(jdk.resolve("bin").resolve("keytool").toString());
      command.addAll(List.of(arguments.split(" ")));
      Path log = folder.resolve("keytool.log");
      Process keytool =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      if (keytool.waitFor() != 0) {
        throw new IOException("keytool failed: " + Files.readString(log).strip());
      }
    }
    return new LoopbackCertificate(folder.toAbsolutePath());
  }

  /** For a server that shows it. */
  public KeyManagerFactory keys() throws GeneralSecurityException, IOException {
    KeyStore store =
        KeyStore.getInstance(folder.resolve(KEY_STORE).toFile(), PASSWORD.toCharArray());
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD.toCharArray());
    return keys;
  }

  /** Those whom the JDK trusts and the authority, for {@code javax.net.ssl.trustStore}. */
  public Path trustStore() {
    return folder.resolve(TRUST_STORE);
  }
}
