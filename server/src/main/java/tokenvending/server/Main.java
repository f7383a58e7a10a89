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
    int code = commandLine().execute(args);
    // A running server ends by a signal; a command that ended must not wait for stray threads.
    System.exit(code);
  }

  static CommandLine commandLine() {
    CommandLine all = new CommandLine(new Main());
    all.getCommandSpec().versionProvider(Main::version);
    all.getSubcommands()
        .values()
        .forEach(one -> one.getCommandSpec().versionProvider(Main::version));
    return all;
  }

  /** Only jars know theirs. */
  private static String[] version() {
    String version = Main.class.getPackage().getImplementationVersion();
    return new String[] {version == null ? "tvm, not packaged" : "tvm " + version};
  }
}
