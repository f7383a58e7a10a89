package tokenvending.server.cli;

import java.io.PrintWriter;
import java.util.Optional;
import tokenvending.server.lifecycle.ProblemPrinter;

/** A format of {@code check --format}. */
interface CheckFormat {
  void print(CheckReport report, PrintWriter out, ProblemPrinter printer);

  /** The format of this name on the command line. */
  static Optional<CheckFormat> named(String name) {
    return switch (name) {
      case "text" -> Optional.of(new CheckText());
      case "json" -> Optional.of(new CheckJson());
      case "github" -> Optional.of(new CheckGithub());
      case "sarif" -> Optional.of(new CheckSarif());
      default -> Optional.empty();
    };
  }
}
