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
   * Returns the host from the variable {@code HOSTNAME}, which containers set, or from Linux, with
   * the process id; otherwise only the process id. It does not use DNS, which could take seconds.
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
