package tokenvending.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;
import tokenvending.momentolocal.LocalCommand;
import tokenvending.network.EnvironmentProxies;
import tokenvending.server.lifecycle.ExitCode;
import tokenvending.server.lifecycle.ServerProcess;
import tokenvending.server.lifecycle.Version;

/** The command line. Exit codes: 0 success, 1 failed or rejected, 2 invalid input. */
@Command(
    name = "tvm",
    description = "Vends temporary, restricted tokens for Momento.",
    mixinStandardHelpOptions = true)
public final class Main {
  private static final List<String> COMMANDS =
      List.of(
          "serve",
          "local",
          "init",
          "check",
          "explain",
          "audit",
          "block",
          "unblock",
          "blocks",
          "vend",
          "inspect",
          "hash-password",
          "health",
          "schema",
          "completion");

  /** The commands that connect to other machines, or check what such a command will do. */
  private static final Set<String> CONNECTING =
      Set.of("serve", "check", "explain", "vend", "block", "unblock", "blocks");

  private Main() {}

  public static void main(String[] args) {
    int code = ending(() -> run(args), System.err);
    // A running server ends by a signal; a finished command must not wait for other threads.
    System.exit(code);
  }

  private static int run(String[] args) throws InterruptedException {
    if (args.length > 0 && CONNECTING.contains(args[0])) {
      try {
        EnvironmentProxies.install(System.getenv());
      } catch (IllegalArgumentException e) {
        System.err.println("tvm: " + e.getMessage());
        return ExitCode.WRONG_INPUT;
      }
    }
    Optional<ServerProcess> plain = ServeArguments.parse(args);
    return plain.isPresent()
        ? plain
            .get()
            .run(
                System.getenv(),
                new PrintWriter(System.out, true, UTF_8),
                new PrintWriter(System.err, true, UTF_8))
        : written(commandLine(args).execute(args), System.out, System.err);
  }

  /**
   * Returns the exit code of a command: 1 if its output could not be written, such as to a full
   * disk.
   */
  static int written(int code, PrintStream out, PrintStream err) {
    if (code == ExitCode.DONE && out.checkError()) {
      err.println("standard output cannot be written");
      return ExitCode.REFUSED;
    }
    return code;
  }

  /**
   * Runs and returns the exit code, also after an exception, because the threads of a partly
   * started server keep the JVM alive.
   */
  static int ending(Callable<Integer> run, PrintStream err) {
    try {
      return run.call();
    } catch (InterruptedException e) {
      return ExitCode.REFUSED;
    } catch (Exception e) {
      err.println(fault(e));
      return ExitCode.REFUSED;
    } catch (Error e) {
      // Picocli handles only exceptions.
      e.printStackTrace(err);
      return ExitCode.REFUSED;
    }
  }

  /** Returns the type and location of an exception. Its message can quote a secret. */
  private static String fault(Exception e) {
    String kinds =
        Optional.ofNullable(e.getCause())
            .map(cause -> e.getClass().getName() + ", by " + cause.getClass().getName())
            .orElse(e.getClass().getName());
    String place =
        Arrays.stream(e.getStackTrace())
            .filter(frame -> frame.getClassName().startsWith("tokenvending."))
            .findFirst()
            .map(frame -> " at " + frame)
            .orElse("");
    return "tvm: internal error: " + kinds + place;
  }

  /**
   * Creates the parser with only the commands that these arguments use, because picocli takes long
   * to inspect each one.
   */
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
    all.setExecutionExceptionHandler(Main::broken);
    all.getCommandSpec().versionProvider(Main::version);
    all.getSubcommands()
        .values()
        .forEach(one -> one.getCommandSpec().versionProvider(Main::version));
    return all;
  }

  /**
   * Reports an unexpected exception without its message; messages of checked exceptions are for the
   * user.
   */
  private static int broken(Exception e, CommandLine command, ParseResult read) throws Exception {
    if (!(e instanceof RuntimeException)) {
      throw e;
    }
    command.getErr().println(fault(e));
    command.getErr().flush();
    return ExitCode.REFUSED;
  }

  private static Object command(String name) {
    return switch (name) {
      case "serve" -> new ServeCommand();
      case "local" -> new LocalCommand();
      case "check" -> new CheckCommand();
      case "explain" -> new ExplainCommand();
      case "audit" -> new AuditCommand();
      case "block" -> new BlockCommand();
      case "unblock" -> new UnblockCommand();
      case "blocks" -> new BlocksCommand();
      case "vend" -> new VendCommand();
      case "inspect" -> new InspectCommand();
      case "hash-password" -> new HashPasswordCommand();
      case "init" -> new InitCommand();
      case "health" -> new HealthCommand();
      case "schema" -> new SchemaCommand();
      case "completion" -> new CompletionCommand();
      default -> throw new IllegalArgumentException("there is no command " + name);
    };
  }

  private static String[] version() {
    return new String[] {Version.packaged().map(one -> "tvm " + one).orElse("tvm, not packaged")};
  }
}
