package tokenvending.server.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tokenvending.application.CaseRun;
import tokenvending.configuration.Configuration;
import tokenvending.configuration.ConfigurationProblem;
import tokenvending.configuration.ConfigurationResult.Read;
import tokenvending.configuration.PolicyCase;
import tokenvending.configuration.PolicyCasesReader;
import tokenvending.configuration.PolicyCasesResult;
import tokenvending.configuration.StartChecks;
import tokenvending.server.http.HttpSettings;
import tokenvending.server.http.TlsFiles;
import tokenvending.server.lifecycle.ExitCode;
import tokenvending.server.lifecycle.PolicyFile;

/**
 * {@code check}: reports all problems of a file; with cases, also decisions that differ from the
 * expected ones.
 */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = {
      "Says everything that is wrong with a policy file.",
      "Exit code 0 when it can be used (warnings may be printed), 1 when a case came out otherwise,"
          + " 2 when the file is wrong."
    })
final class CheckCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final PolicyOption policy = new PolicyOption();

  @Option(
      names = "--cases",
      paramLabel = "FILE",
      description = "Who, what is asked, and what must come of it.")
  private Optional<Path> cases = Optional.empty();

  @Override
  public Integer call() {
    CommandSpec own = Objects.requireNonNull(spec, "picocli sets it");
    PrintWriter out = own.commandLine().getOut();
    PrintWriter err = own.commandLine().getErr();
    Optional<Read> read =
        PolicyFile.find(policy.named(), err).flatMap(file -> PolicyFile.read(file, err));
    if (read.isEmpty()) {
      return ExitCode.WRONG_INPUT;
    }
    List<ConfigurationProblem> unfit = new ArrayList<>(tlsProblems(read.get()));
    unfit.addAll(StartChecks.auditFile(read.get()));
    if (!unfit.isEmpty()) {
      PolicyFile.print(unfit, err);
      return ExitCode.WRONG_INPUT;
    }
    List<ConfigurationProblem> warnings = warnings(read.get());
    PolicyFile.print(warnings, err);
    out.printf(
        "%s: good, %s, %s%n",
        read.get().source().file(),
        DisplayFormat.count(read.get().configuration().policyDocument().rules().size(), "rule"),
        DisplayFormat.count(warnings.size(), "warning"));
    int code =
        cases.isPresent() ? run(cases.get(), read.get().configuration(), out, err) : ExitCode.DONE;
    out.flush();
    return code;
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
    return Stream.concat(
            read.warnings().stream(),
            tls(read).flatMap(files -> TlsFiles.dates(files, InstantSource.system())).stream()
                .map(why -> read.source().warning("server.tls", why)))
        .toList();
  }

  private static int run(Path file, Configuration configuration, PrintWriter out, PrintWriter err) {
    return switch (PolicyCasesReader.read(file)) {
      case PolicyCasesResult.Unusable(List<ConfigurationProblem> problems) -> {
        PolicyFile.print(problems, err);
        yield ExitCode.WRONG_INPUT;
      }
      case PolicyCasesResult.Read(List<PolicyCase> cases) -> {
        int failed = 0;
        for (PolicyCase one : cases) {
          Optional<String> surprise = CaseRun.surprise(one, configuration, Instant.now());
          out.println((surprise.isEmpty() ? "ok    " : "FAIL  ") + one.name());
          if (surprise.isPresent()) {
            out.println("      " + surprise.get());
            failed++;
          }
        }
        out.printf("%s, %d failed%n", DisplayFormat.count(cases.size(), "case"), failed);
        yield failed == 0 ? ExitCode.DONE : ExitCode.REFUSED;
      }
    };
  }
}
