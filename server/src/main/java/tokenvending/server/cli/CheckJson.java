package tokenvending.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import tokenvending.configuration.ConfigurationProblem;
import tokenvending.server.lifecycle.ProblemPrinter;
import tokenvending.text.JsonObject;

/** One JSON document: {@code {"file":…,"valid":…,"problems":[…],"cases":[…]}}. */
final class CheckJson implements CheckFormat {
  @Override
  public void print(CheckReport report, PrintWriter out, ProblemPrinter printer) {
    List<JsonObject> cases =
        report.cases().stream()
            .map(
                one ->
                    new JsonObject()
                        .text("name", one.name())
                        .flag("passed", one.surprise().isEmpty())
                        .text("reason", one.surprise()))
            .toList();
    JsonObject document =
        new JsonObject()
            .text("file", report.file())
            .flag("valid", report.isValid())
            .objects("problems", report.problems().stream().map(CheckJson::problem).toList())
            .objects("cases", cases);
    out.println(new String(document.utf8(), UTF_8));
    out.flush();
  }

  private static JsonObject problem(ConfigurationProblem problem) {
    return new JsonObject()
        .text("severity", problem.severity().name().toLowerCase(Locale.ROOT))
        .text("file", problem.file())
        .number("line", problem.line())
        .number("column", problem.column())
        .text("path", problem.path())
        .text("message", problem.message());
  }
}
