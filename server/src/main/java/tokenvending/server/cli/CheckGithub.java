package tokenvending.server.cli;

import java.io.PrintWriter;
import java.util.Locale;
import tokenvending.configuration.ConfigurationProblem;
import tokenvending.server.lifecycle.ProblemPrinter;

/**
 * Workflow commands of GitHub Actions, which annotate the lines of a pull request. See "Workflow
 * commands for GitHub Actions", Setting an error message.
 */
final class CheckGithub implements CheckFormat {
  @Override
  public void print(CheckReport report, PrintWriter out, ProblemPrinter printer) {
    for (ConfigurationProblem problem : report.problems()) {
      String command = problem.severity().name().toLowerCase(Locale.ROOT);
      String place =
          problem.line() > 0 ? ",line=" + problem.line() + ",col=" + problem.column() : "";
      String message = (problem.path().isEmpty() ? "" : problem.path() + ": ") + problem.message();
      out.println(
          "::"
              + command
              + (problem.file().isEmpty() ? "" : " file=" + property(problem.file()) + place)
              + "::"
              + data(message));
    }
    for (CheckReport.CaseResult one : report.failedCases()) {
      out.println(
          "::error file="
              + property(report.casesFile())
              + "::"
              + data(one.name() + ": " + one.surprise().orElseThrow()));
    }
    out.flush();
  }

  private static String data(String text) {
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A");
  }

  private static String property(String text) {
    return data(text).replace(":", "%3A").replace(",", "%2C");
  }
}
