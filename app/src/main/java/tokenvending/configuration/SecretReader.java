package tokenvending.configuration;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import tokenvending.secret.Secret;
import tokenvending.secret.SecretStore;
import tokenvending.secret.SecretStore.Lookup;

/** Reads the credentials of references, each time anew, so that a rotated one is found. */
public final class SecretReader {
  private static final int LARGEST = 64 * 1024;

  private final Map<String, String> environment;
  private final SecretStore awsSecrets;

  /**
   * Reads from one environment.
   *
   * @param awsSecrets finds the secrets of {@code aws-secret:} references
   */
  public SecretReader(Map<String, String> environment, SecretStore awsSecrets) {
    this.environment = Map.copyOf(environment);
    this.awsSecrets = awsSecrets;
  }

  /** The result of reading a reference. */
  public sealed interface Reading {
    /** A credential, without surrounding white space; files end in a line break. */
    record Value(Secret secret) implements Reading {}

    /** A variable is unset or empty. Waiting does not change that. */
    record Missing(String problem) implements Reading {}

    /** A file or secret cannot be read now. That can change. */
    record Unreadable(String problem) implements Reading {}
  }

  public Reading read(SecretReference reference) {
    return switch (reference) {
      case SecretReference.Environment(String name) -> {
        String value = environment.getOrDefault(name, "").strip();
        yield value.isEmpty()
            ? new Reading.Missing("the environment variable " + name + " is not set")
            : new Reading.Value(Secret.of(value));
      }
      case SecretReference.File(Path path) -> file(path);
      case SecretReference.AwsSecret(String name) ->
          switch (awsSecrets.find(name)) {
            case Lookup.Found(Secret secret) -> new Reading.Value(secret);
            case Lookup.Unreadable(String problem) -> new Reading.Unreadable(problem);
          };
    };
  }

  private static Reading file(Path path) {
    if (Files.isDirectory(path)) {
      return new Reading.Unreadable(path + " is a directory: expected a file");
    }
    try {
      byte[] bytes = SmallFile.read(path, LARGEST + 1);
      if (bytes.length > LARGEST) {
        return new Reading.Unreadable(path + " is larger than 64 KiB: expected a credential");
      }
      String value = new String(bytes, UTF_8).strip();
      return value.isEmpty()
          ? new Reading.Unreadable(path + " is empty")
          : new Reading.Value(Secret.of(value));
    } catch (SmallFile.Pipe e) {
      return new Reading.Unreadable(path + " is a pipe or a device: expected a file");
    } catch (IOException e) {
      // The exception's text differs between systems; its type is enough.
      return new Reading.Unreadable(
          path + " cannot be read (" + e.getClass().getSimpleName() + ")");
    }
  }
}
