package tokenvending.application;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Names this process in audit events: {@code HOST:PID}. */
final class InstanceName {
  private static final Path HOST = Path.of("/proc/sys/kernel/hostname");

  private InstanceName() {}

  /**
   * The host by its variable {@code HOSTNAME} (as containers have it) or by what Linux says, else
   * the process alone. No name service is asked, which could take seconds.
   */
  static Optional<String> of(Map<String, String> environment) {
    String process = ":" + ProcessHandle.current().pid();
    String host = environment.getOrDefault("HOSTNAME", "");
    if (!host.isBlank()) {
      return Optional.of(host + process);
    }
    try {
      return Optional.of(Files.readString(HOST).strip() + process);
    } catch (IOException e) {
      return Optional.of(process);
    }
  }
}
