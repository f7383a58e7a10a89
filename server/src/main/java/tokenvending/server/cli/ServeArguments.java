package tokenvending.server.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tokenvending.server.lifecycle.ServerProcess;

/**
 * Parses a plain {@code serve} command line without picocli, which takes longer to load than the
 * server.
 */
final class ServeArguments {
  private static final Set<String> OPTIONS =
      Set.of("--config", "--host", "--port", "--pages", "--pages-missing");

  private ServeArguments() {}

  /**
   * Parses {@code serve} with a value for each option and at most one file. Empty for everything
   * else, including help and mistakes, which picocli then handles.
   */
  static Optional<ServerProcess> parse(String... args) {
    if (args.length == 0 || !args[0].equals("serve")) {
      return Optional.empty();
    }
    Map<String, String> options = new HashMap<>();
    for (int at = 1; at < args.length; at++) {
      String option = args[at].startsWith("-") ? args[at++] : "--config";
      boolean readable =
          at < args.length
              && OPTIONS.contains(option)
              && !options.containsKey(option)
              && !args[at].isEmpty()
              && !args[at].startsWith("-");
      if (!readable) {
        return Optional.empty();
      }
      options.put(option, args[at]);
    }
    if (!options.getOrDefault("--port", "0").matches("[0-9]{1,5}")) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new ServerProcess(
              Optional.ofNullable(options.get("--config")).map(Path::of),
              Optional.ofNullable(options.get("--host")),
              Optional.ofNullable(options.get("--port")).map(Integer::valueOf),
              Optional.ofNullable(options.get("--pages")).map(Path::of),
              options.getOrDefault("--pages-missing", ServerProcess.NO_PAGES)));
    } catch (InvalidPathException e) {
      // Some texts are not paths, such as those that the locale cannot encode.
      return Optional.empty();
    }
  }
}
