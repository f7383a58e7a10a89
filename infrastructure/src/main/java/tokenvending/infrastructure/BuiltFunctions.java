package tokenvending.infrastructure;

import java.nio.file.Path;
import java.util.Optional;
import software.amazon.awscdk.services.lambda.Architecture;

/** What the build left of the functions, in the form that is deployed. */
public sealed interface BuiltFunctions {
  /**
   * For AWS's Java, which starts from snapshots.
   *
   * @param folder the jars
   */
  record Managed(Path folder) implements BuiltFunctions {}

  /**
   * With a Java of their own.
   *
   * @param zip finished; the tvm.yaml is added, and nothing else may change in it
   * @param system the operating system that it was built on and for, as Java calls it
   * @param processor the same of the processor
   */
  record OwnRuntime(Path zip, String system, String processor) implements BuiltFunctions {
    /** Lambda's word for what the zip runs on; empty where Lambda has no such machines. */
    Optional<Architecture> architecture() {
      if (!system.equals("Linux")) {
        return Optional.empty();
      }
      return switch (processor) {
        case "amd64", "x86_64" -> Optional.of(Architecture.X86_64);
        case "aarch64" -> Optional.of(Architecture.ARM_64);
        default -> Optional.empty();
      };
    }
  }
}
