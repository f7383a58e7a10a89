package tokenvending.server;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import tokenvending.momentolocal.LocalCommand;

/**
 * The command line. Exit codes: 0 done, 1 it could not be done here and now, 2 the input is wrong.
 */
@Command(
    name = "tvm",
    description = "Vends temporary, restricted tokens for Momento.",
    mixinStandardHelpOptions = true,
    subcommands = {
      ServeCommand.class,
      LocalCommand.class,
      CheckCommand.class,
      ExplainCommand.class,
      VendCommand.class,
      InspectCommand.class,
      HashPasswordCommand.class
    })
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    int code = new CommandLine(new Main()).execute(args);
    // A running server ends by a signal; a command that ended must not wait for stray threads.
    System.exit(code);
  }
}
