package tokenvending.server.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tokenvending.server.lifecycle.ExitCode;

/** {@code completion}: a script with which a shell completes commands and options. */
@Command(
    name = "completion",
    mixinStandardHelpOptions = true,
    description = {
      "Prints a script with which a shell completes commands and options.",
      "bash and zsh: source <(tvm completion bash)"
    })
final class CompletionCommand implements Callable<Integer> {
  /** Both run the same script, which in zsh loads zsh's bashcompinit. */
  enum Shell {
    BASH,
    ZSH;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Spec private @Nullable CommandSpec spec;

  @Parameters(index = "0", paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}")
  private Shell shell = Shell.BASH;

  @Override
  public Integer call() {
    PrintWriter out = Objects.requireNonNull(spec, "picocli sets it").commandLine().getOut();
    if (shell == Shell.ZSH) {
      out.println("#compdef tvm");
    }
    out.print(AutoComplete.bash("tvm", Main.commandLine()));
    out.flush();
    return ExitCode.DONE;
  }
}
