package tokenvending.server.cli;

import java.io.PrintWriter;
import tokenvending.server.lifecycle.ProblemPrinter;

/** For people: problems with the line that they are in on standard error, the rest on output. */
final class CheckText implements CheckFormat {
  @Override
  public void print(CheckReport report, PrintWriter out, ProblemPrinter printer) {
    printer.print(report.problems());
    report
        .rules()
        .ifPresent(
            rules ->
                out.printf(
                    "%s: valid, %s, %s%n",
                    report.file(),
                    DisplayFormat.count(rules, "rule"),
                    DisplayFormat.count(Math.toIntExact(report.warnings()), "warning")));
    for (CheckReport.CaseResult one : report.cases()) {
      out.println((one.surprise().isEmpty() ? "ok    " : "FAIL  ") + one.name());
      one.surprise().ifPresent(surprise -> out.println("      " + surprise));
    }
    if (!report.cases().isEmpty()) {
      out.printf(
          "%s, %d failed%n",
          DisplayFormat.count(report.cases().size(), "case"), report.failedCases().size());
    }
    out.flush();
  }
}
