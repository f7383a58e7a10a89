package tokenvending.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import tokenvending.configuration.ConfigurationProblem;
import tokenvending.server.lifecycle.ProblemPrinter;
import tokenvending.server.lifecycle.Version;
import tokenvending.text.JsonObject;

/** A SARIF 2.1.0 log (OASIS standard), for code scanning. */
final class CheckSarif implements CheckFormat {
  private static final String CONFIGURATION = "configuration";
  private static final String POLICY_CASE = "policy-case";

  @Override
  public void print(CheckReport report, PrintWriter out, ProblemPrinter printer) {
    JsonObject driver =
        new JsonObject()
            .text("name", "tvm check")
            .text("version", Version.packaged())
            .objects(
                "rules",
                List.of(
                    new JsonObject().text("id", CONFIGURATION),
                    new JsonObject().text("id", POLICY_CASE)));
    List<JsonObject> results =
        Stream.concat(
                report.problems().stream().map(CheckSarif::result),
                report.failedCases().stream()
                    .map(
                        one ->
                            result(
                                POLICY_CASE,
                                "error",
                                one.name() + ": " + one.surprise().orElseThrow(),
                                location(report.casesFile()))))
            .toList();
    JsonObject run =
        new JsonObject()
            .object("tool", new JsonObject().object("driver", driver))
            .text("columnKind", "unicodeCodePoints")
            .objects("results", results);
    out.println(
        new String(
            new JsonObject().text("version", "2.1.0").objects("runs", List.of(run)).utf8(), UTF_8));
    out.flush();
  }

  private static JsonObject result(ConfigurationProblem problem) {
    Optional<JsonObject> location = location(problem.file());
    if (problem.line() > 0) {
      location.ifPresent(
          physical ->
              physical.object(
                  "region",
                  new JsonObject()
                      .number("startLine", problem.line())
                      .number("startColumn", problem.column())));
    }
    String path = problem.path().isEmpty() ? "" : problem.path() + ": ";
    return result(
        CONFIGURATION,
        problem.severity().name().toLowerCase(Locale.ROOT),
        path + problem.message(),
        location);
  }

  private static JsonObject result(
      String rule, String level, String message, Optional<JsonObject> location) {
    JsonObject result =
        new JsonObject()
            .text("ruleId", rule)
            .text("level", level)
            .object("message", new JsonObject().text("text", message));
    return location
        .map(
            physical ->
                result.objects(
                    "locations", List.of(new JsonObject().object("physicalLocation", physical))))
        .orElse(result);
  }

  /** The file as a relative reference where its name is relative, so that a viewer finds it. */
  private static Optional<JsonObject> location(String file) {
    if (file.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new JsonObject().object("artifactLocation", new JsonObject().text("uri", reference(file))));
  }

  private static String reference(String file) {
    Path path = Path.of(file);
    if (path.isAbsolute()) {
      return path.toUri().toString();
    }
    try {
      return new URI(null, null, file.replace('\\', '/'), null).toASCIIString();
    } catch (URISyntaxException e) {
      return path.toUri().toString();
    }
  }
}
