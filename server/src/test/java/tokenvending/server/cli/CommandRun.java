package tokenvending.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** What a command line came to: its exit code, and what it printed. */
public record CommandRun(int code, String out, String err) {
  /** A whole command line, its command first. */
  public static CommandRun line(String... line) {
    return run(Main.commandLine(line), line);
  }

  static CommandRun of(Object command, String... arguments) {
    return run(new CommandLine(command), arguments);
  }

  private static CommandRun run(CommandLine command, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = command.setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(arguments);
    return new CommandRun(code, out.toString(), err.toString());
  }

  /** As {@link #line}, with something on standard input. */
  public static CommandRun reading(String input, String... line) {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(input.getBytes(UTF_8)));
    try {
      return line(line);
    } finally {
      System.setIn(before);
    }
  }

  /** An example that users read, from the folder of this module. */
  static String example(String name) {
    return "../examples/" + name;
  }
}
