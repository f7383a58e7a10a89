package tokenvending.server;

import java.util.Optional;
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
      HashPasswordCommand.class,
      TrainCommand.class
    })
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    int code = run(args);
    // A running server ends by a signal; a command that ended must not wait for stray threads.
    System.exit(code);
  }

  private static int run(String[] args) {
    try {
      return commandLine().execute(args);
    } catch (Error e) {
      // Picocli answers exceptions only, and the threads of half a server would keep the JVM alive.
      e.printStackTrace();
      return ExitCode.REFUSED;
    }
  }

  static CommandLine commandLine() {
    CommandLine all = new CommandLine(new Main());
    all.getCommandSpec().versionProvider(Main::told);
    all.getSubcommands().values().forEach(one -> one.getCommandSpec().versionProvider(Main::told));
    return all;
  }

  private static String[] told() {
    return new String[] {packaged().map(one -> "tvm " + one).orElse("tvm, not packaged")};
  }

  /** What runs, in a word. */
  static String version() {
    return packaged().orElse("not-packaged");
  }

  /** Only jars know theirs. */
  private static Optional<String> packaged() {
    return Optional.ofNullable(Main.class.getPackage().getImplementationVersion());
  }
}
