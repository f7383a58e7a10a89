package tokenvending.server.cli;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tokenvending.server.lifecycle.ServerProcess;

/** {@code serve}: vends over HTTP until a signal. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description =
        "Vends tokens over HTTP. Without a Momento API key, it is in local use with momento-local.")
final class ServeCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final PolicyOption policy = new PolicyOption();

  @Option(names = "--host", paramLabel = "HOST", description = "Overrides server.host.")
  private Optional<String> host = Optional.empty();

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Overrides server.port; 0 selects a free one.")
  private Optional<Integer> port = Optional.empty();

  /** The folder of the demo pages, which the launcher sets. */
  @Option(names = "--pages", paramLabel = "FOLDER", hidden = true)
  private Optional<Path> pages = Optional.empty();

  @Option(names = "--pages-missing", paramLabel = "SENTENCE", hidden = true)
  private String pagesMissing = ServerProcess.NO_PAGES;

  @Override
  public Integer call() throws InterruptedException {
    CommandSpec own = Objects.requireNonNull(spec, "picocli sets it");
    return new ServerProcess(policy.named(), host, port, pages, pagesMissing)
        .run(System.getenv(), own.commandLine().getOut(), own.commandLine().getErr());
  }
}
