package tokenvending.server.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tokenvending.auditlog.AuditEntry;
import tokenvending.auditlog.AuditLogReader;
import tokenvending.auditlog.AuditQuery;
import tokenvending.auditlog.LiveTokens;
import tokenvending.configuration.AuditSettings;
import tokenvending.configuration.ConfigurationResult.Read;
import tokenvending.server.lifecycle.ExitCode;
import tokenvending.server.lifecycle.PolicyFile;
import tokenvending.server.lifecycle.ProblemPrinter;

/** {@code audit}: reads audit logs and reports on requests and tokens. */
@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Queries audit logs: why a request was rejected (--request ID), and which tokens still work,"
          + " until when (--live).",
      "Lines that are not a complete audit event are skipped, and counted on standard error.",
      "Exit code: 0 found, 1 nothing found, 2 a file cannot be read."
    })
final class AuditCommand implements Callable<Integer> {
  private static final String TEXT = "text";
  private static final String JSON = "json";

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      arity = "0..*",
      paramLabel = "FILE",
      description =
          "Audit logs in any order, including rotated and gzip-compressed ones; - for standard"
              + " input. Default: the file of audit.to, and the rotated files beside it.")
  private List<String> files = List.of();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The policy whose audit.to is the audit log. Default: ./tvm.yaml.")
  private Optional<Path> config = Optional.empty();

  @Option(
      names = "--request",
      paramLabel = "ID",
      description = "The request with this X-Request-Id.")
  private Optional<String> request = Optional.empty();

  @Option(names = "--subject", paramLabel = "SUBJECT", description = "Requests of this caller.")
  private Optional<String> subject = Optional.empty();

  @Option(
      names = "--issuer",
      paramLabel = "ISSUER",
      description = "Requests of callers of this issuer.")
  private Optional<String> issuer = Optional.empty();

  @Option(names = "--rule", paramLabel = "RULE", description = "Requests that this rule matched.")
  private Optional<String> rule = Optional.empty();

  @Option(
      names = "--permission",
      paramLabel = "TEXT",
      description = "Tokens with a permission that contains this text, such as cache=chat.")
  private Optional<String> permission = Optional.empty();

  @Option(names = "--live", description = "Only tokens that have not expired.")
  private boolean live;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "text, or json for one document with all events found. Default: text.")
  private String format = TEXT;

  @Override
  public Integer call() {
    CommandSpec own = Objects.requireNonNull(spec, "picocli sets it");
    PrintWriter out = own.commandLine().getOut();
    PrintWriter err = own.commandLine().getErr();
    if (!format.equals(TEXT) && !format.equals(JSON)) {
      err.println("--format: expected text or json");
      err.flush();
      return ExitCode.WRONG_INPUT;
    }
    List<String> logs = files.isEmpty() ? configured(err) : files;
    if (logs.isEmpty()) {
      return ExitCode.WRONG_INPUT;
    }
    AuditQuery query = new AuditQuery(request, subject, issuer, rule, permission);
    Instant now = Instant.now();
    LiveTokens tokens = new LiveTokens(query, now);
    List<AuditEntry> selected = new ArrayList<>();
    Consumer<AuditEntry> each =
        live
            ? tokens::take
            : entry -> {
              if (query.selects(entry)) {
                selected.add(entry);
              }
            };
    AuditLogReader reader = new AuditLogReader(each);
    boolean complete = true;
    for (String log : logs) {
      try {
        read(log, reader);
      } catch (IOException e) {
        err.println(log + ": cannot be read to its end, so events may be missing: " + e);
        complete = false;
      }
    }
    if (reader.skipped() > 0) {
      String lines = reader.skipped() == 1 ? "1 line" : reader.skipped() + " lines";
      err.println("skipped " + lines + " that are not a complete audit event");
    }
    err.flush();
    List<AuditEntry> found = live ? tokens.all() : selected;
    AuditReport report = new AuditReport(out, now);
    if (format.equals(JSON)) {
      report.json(found, reader);
    } else if (live) {
      report.tokens(found);
    } else if (request.isPresent()) {
      report.requests(found);
    } else {
      report.lines(found);
    }
    out.flush();
    if (!complete) {
      return ExitCode.WRONG_INPUT;
    }
    return found.isEmpty() ? ExitCode.REFUSED : ExitCode.DONE;
  }

  private static void read(String log, AuditLogReader reader) throws IOException {
    if (log.equals("-")) {
      reader.read(System.in);
      return;
    }
    try (InputStream content = Files.newInputStream(Path.of(log))) {
      reader.read(content);
    }
  }

  /** Returns the log that the policy file names, and its rotated files. */
  private List<String> configured(PrintWriter err) {
    ProblemPrinter printer = new ProblemPrinter(err, System.getenv());
    Optional<Read> read =
        PolicyFile.find(config, printer).flatMap(file -> PolicyFile.read(file, printer));
    if (read.isEmpty()) {
      return List.of();
    }
    List<String> found = new ArrayList<>();
    if (read.get().configuration().audit().to() instanceof AuditSettings.File(Path path)) {
      Path folder = Optional.ofNullable(path.toAbsolutePath().getParent()).orElse(path);
      String name = folder.relativize(path.toAbsolutePath()).toString();
      try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
        for (Path one : all) {
          String its = folder.relativize(one).toString();
          if (its.equals(name) || its.startsWith(name + ".") || its.startsWith(name + "-")) {
            found.add(one.toString());
          }
        }
      } catch (IOException e) {
        err.println(folder + ": cannot be read: " + e);
      }
      if (found.isEmpty()) {
        err.println("there is no audit log " + path + " yet");
      }
    } else {
      err.println(
          "the policy writes its audit log to standard output: name a FILE, or - to read it from"
              + " standard input");
    }
    err.flush();
    return found.stream().sorted().toList();
  }
}
