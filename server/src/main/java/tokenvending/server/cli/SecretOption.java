package tokenvending.server.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import tokenvending.configuration.SecretReader;
import tokenvending.configuration.SecretReference;
import tokenvending.secret.Secret;
import tokenvending.secret.SecretStore;

/**
 * A reference to a credential on the command line. The credential itself is never an argument,
 * because other users can see arguments.
 */
final class SecretOption {
  private SecretOption() {}

  static Secret read(String option, String text, Map<String, String> environment)
      throws VendOptions.Unclear {
    SecretReference reference;
    if (text.startsWith("env:")) {
      reference = new SecretReference.Environment(text.substring("env:".length()));
    } else if (text.startsWith("file:")) {
      reference = new SecretReference.File(path(option, text.substring("file:".length())));
    } else {
      throw new VendOptions.Unclear(
          option + ": expected env:NAME or file:PATH, not the credential itself");
    }
    return switch (new SecretReader(environment, SecretStore.none()).read(reference)) {
      case SecretReader.Reading.Value(Secret secret) -> secret;
      case SecretReader.Reading.Missing(String problem) -> throw new VendOptions.Unclear(problem);
      case SecretReader.Reading.Unreadable(String problem) ->
          throw new VendOptions.Unclear(problem);
    };
  }

  private static Path path(String option, String text) throws VendOptions.Unclear {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new VendOptions.Unclear(option + ": expected a path after file:");
    }
  }
}
