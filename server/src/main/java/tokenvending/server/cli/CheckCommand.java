package tokenvending.server.cli;

import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tokenvending.application.CaseRun;
import tokenvending.configuration.Configuration;
import tokenvending.configuration.ConfigurationFile;
import tokenvending.configuration.ConfigurationProblem;
import tokenvending.configuration.ConfigurationReader;
import tokenvending.configuration.ConfigurationResult.Read;
import tokenvending.configuration.ConfigurationResult.Unusable;
import tokenvending.configuration.ConfigurationSearch;
import tokenvending.configuration.PolicyCase;
import tokenvending.configuration.PolicyCasesReader;
import tokenvending.configuration.PolicyCasesResult;
import tokenvending.configuration.StartChecks;
import tokenvending.server.http.HttpSettings;
import tokenvending.server.http.TlsFiles;
import tokenvending.server.lifecycle.ExitCode;
import tokenvending.server.lifecycle.ProblemPrinter;

/**
 * {@code check}: reports all problems of a file; with cases, also decisions that differ from the
 * expected ones.
 */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = {
      "Reports every error and warning of a policy file.",
      "Exit code: 0 valid, with or without warnings; 1 a case failed; 2 invalid."
    })
final class CheckCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final PolicyOption policy = new PolicyOption();

  @Option(
      names = "--cases",
      paramLabel = "FILE",
      description = "Policy cases: callers, requests, and the expected result of each.")
  private Optional<Path> cases = Optional.empty();

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description =
          "text, json, github (annotations of a workflow) or sarif (2.1.0). Default: text.")
  private String format = "text";

  @Override
  public Integer call() {
    CommandSpec own = Objects.requireNonNull(spec, "picocli sets it");
    Optional<CheckFormat> printed = CheckFormat.named(format);
    if (printed.isEmpty()) {
      own.commandLine().getErr().println("--format: expected text, json, github or sarif");
      return ExitCode.WRONG_INPUT;
    }
    CheckReport report = report();
    printed
        .get()
        .print(
            report,
            own.commandLine().getOut(),
            new ProblemPrinter(own.commandLine().getErr(), System.getenv()));
    if (!report.isValid()) {
      return ExitCode.WRONG_INPUT;
    }
    return report.failedCases().isEmpty() ? ExitCode.DONE : ExitCode.REFUSED;
  }

  private CheckReport report() {
    return switch (ConfigurationSearch.find(policy.named(), Path.of(""))) {
      case ConfigurationSearch.Result.NotFound(String message) ->
          invalid("", List.of(ConfigurationProblem.of(message)));
      case ConfigurationSearch.Result.Found(ConfigurationFile file) ->
          switch (ConfigurationReader.read(file)) {
            case Unusable(List<ConfigurationProblem> problems) ->
                invalid(problems.getFirst().file(), problems);
            case Read read -> report(read);
          };
    };
  }

  private CheckReport report(Read read) {
    String file = read.source().file();
    List<ConfigurationProblem> unfit = new ArrayList<>(tlsProblems(read));
    unfit.addAll(StartChecks.auditFile(read));
    // A stack on AWS brings its own table.
    if (!read.source().says("aws")) {
      unfit.addAll(StartChecks.blocks(read));
    }
    if (!unfit.isEmpty()) {
      return invalid(file, unfit);
    }
    List<ConfigurationProblem> problems = new ArrayList<>(warnings(read));
    List<CheckReport.CaseResult> results = List.of();
    if (cases.isPresent()) {
      switch (PolicyCasesReader.read(cases.get())) {
        case PolicyCasesResult.Unusable(List<ConfigurationProblem> wrong) -> problems.addAll(wrong);
        case PolicyCasesResult.Read(List<PolicyCase> written) ->
            results = written.stream().map(one -> run(one, read.configuration())).toList();
      }
    }
    return new CheckReport(
        file,
        Optional.of(read.configuration().policyDocument().rules().size()),
        problems,
        cases.map(Path::toString).orElse(""),
        results);
  }

  private static CheckReport invalid(String file, List<ConfigurationProblem> problems) {
    return new CheckReport(file, Optional.empty(), problems, "", List.of());
  }

  private static CheckReport.CaseResult run(PolicyCase one, Configuration configuration) {
    return new CheckReport.CaseResult(
        one.name(), CaseRun.surprise(one, configuration, Instant.now()));
  }

  private static Optional<HttpSettings.Tls> tls(Read read) {
    return read.configuration()
        .server()
        .tls()
        .map(files -> new HttpSettings.Tls(files.certificate(), files.key()));
  }

  private static List<ConfigurationProblem> tlsProblems(Read read) {
    return tls(read)
        .flatMap(TlsFiles::problem)
        .map(why -> List.of(read.source().error("server.tls", why)))
        .orElse(List.of());
  }

  private static List<ConfigurationProblem> warnings(Read read) {
    List<ConfigurationProblem> warnings = new ArrayList<>(read.warnings());
    warnings.addAll(StartChecks.endedDenials(read, Instant.now()));
    tls(read)
        .flatMap(files -> TlsFiles.dates(files, InstantSource.system()))
        .ifPresent(why -> warnings.add(read.source().warning("server.tls", why)));
    return warnings;
  }
}
