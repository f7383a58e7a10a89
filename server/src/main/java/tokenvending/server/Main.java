package tokenvending.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import tokenvending.momentolocal.LocalCommand;

/**
 * The command line. Exit codes: 0 done, 1 it could not be done here and now, 2 the input is wrong.
 */
@Command(
    name = "tvm",
    description = "Vends temporary, restricted tokens for Momento.",
    mixinStandardHelpOptions = true)
public final class Main {
  private static final List<String> COMMANDS =
      List.of("serve", "local", "check", "explain", "vend", "inspect", "hash-password", "train");

  private Main() {}

  public static void main(String[] args) {
    int code = run(args);
    // A running server ends by a signal; a command that ended must not wait for stray threads.
    System.exit(code);
  }

  private static int run(String[] args) {
    try {
      Optional<Serving> plain = Serving.plain(args);
      return plain.isPresent()
          ? plain
              .get()
              .run(
                  System.getenv(),
                  new PrintWriter(System.out, true, UTF_8),
                  new PrintWriter(System.err, true, UTF_8))
          : commandLine(args).execute(args);
    } catch (InterruptedException e) {
      return ExitCode.REFUSED;
    } catch (Error e) {
      // Picocli answers exceptions only, and the threads of half a server would keep the JVM alive.
      e.printStackTrace();
      return ExitCode.REFUSED;
    }
  }

  /** What reads these arguments: picocli takes a long look at each command that it is told of. */
  static CommandLine commandLine(String... args) {
    Optional<String> named = args.length == 0 ? Optional.empty() : Optional.of(args[0]);
    CommandLine all =
        named.filter(COMMANDS::contains).isPresent()
            ? new CommandLine(CommandSpec.create().name("tvm"))
            : new CommandLine(new Main());
    for (String name : COMMANDS) {
      if (named.filter(COMMANDS::contains).orElse(name).equals(name)) {
        all.addSubcommand(name, command(name));
      }
    }
    all.getCommandSpec().versionProvider(Main::told);
    all.getSubcommands().values().forEach(one -> one.getCommandSpec().versionProvider(Main::told));
    return all;
  }

  private static Object command(String name) {
    return switch (name) {
      case "serve" -> new ServeCommand();
      case "local" -> new LocalCommand();
      case "check" -> new CheckCommand();
      case "explain" -> new ExplainCommand();
      case "vend" -> new VendCommand();
      case "inspect" -> new InspectCommand();
      case "hash-password" -> new HashPasswordCommand();
      case "train" -> new TrainCommand();
      default -> throw new IllegalArgumentException("there is no command " + name);
    };
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
