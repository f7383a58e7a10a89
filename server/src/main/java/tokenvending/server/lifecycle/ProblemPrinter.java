package tokenvending.server.lifecycle;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tokenvending.configuration.ConfigurationProblem;
import tokenvending.configuration.SmallFile;

/**
 * Prints problems of files for people: position, severity and message, then the line with a caret
 * under the position. What looks like a credential is left out of the line. Loads nothing of
 * picocli.
 */
public final class ProblemPrinter {
  /** In characters; longer lines are cut around the position. */
  private static final int WIDEST = 120;

  /** Keys of which a wrong value could be a credential. */
  private static final Pattern SECRET_PATH =
      Pattern.compile("(?:.*\\.)?(?:api-key|endpoint|users|hash|state)");

  private static final Pattern VALUE = Pattern.compile(":\\s*(?<secret>\\S.*)");

  /** What looks like a credential: the value of such a key, a user in an address, part of a JWT. */
  private static final List<Pattern> SECRETS =
      List.of(
          Pattern.compile(
              "(?i)(?:api.?key|secret|passw|pwd|hash|credential|bearer)[\\w-]*[\"']?\\s*:\\s*(?<secret>\\S.*)"),
          Pattern.compile("://(?<secret>[^/@\\s]*)@"),
          Pattern.compile(
              "(?<secret>(?=[A-Za-z+_=-]*[0-9])(?=[0-9+_=-]*[A-Za-z])[A-Za-z0-9+_=-]{20,})"));

  private final PrintWriter out;
  private final Map<String, String> environment;
  private final Map<String, List<String>> files = new HashMap<>();
  private boolean color;

  /** Creates a printer. It uses colors on a terminal, unless {@code NO_COLOR} is set. */
  public ProblemPrinter(PrintWriter out, Map<String, String> environment) {
    this.out = out;
    this.environment = environment;
  }

  /** Prints the problems in their order. */
  public void print(List<ConfigurationProblem> problems) {
    if (problems.isEmpty()) {
      return;
    }
    color = isColored();
    for (ConfigurationProblem problem : problems) {
      out.println(
          position(problem)
              + severity(problem)
              + (problem.path().isEmpty() ? "" : problem.path() + ": ")
              + problem.message());
      excerpt(problem);
    }
    out.flush();
  }

  /** Prints an error that is not about a place of a file. */
  void print(String error) {
    print(List.of(ConfigurationProblem.of(error)));
  }

  private boolean isColored() {
    return environment.getOrDefault("NO_COLOR", "").isEmpty()
        && Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
  }

  private static String position(ConfigurationProblem problem) {
    if (problem.file().isEmpty()) {
      return "";
    }
    return problem.file()
        + (problem.line() > 0 ? ":" + problem.line() + ":" + problem.column() : "")
        + ": ";
  }

  private String severity(ConfigurationProblem problem) {
    String word = problem.severity().name().toLowerCase(Locale.ROOT) + ":";
    return (problem.isError() ? colored("1;31", word) : colored("1;33", word)) + " ";
  }

  private void excerpt(ConfigurationProblem problem) {
    List<String> lines = files.computeIfAbsent(problem.file(), ProblemPrinter::lines);
    if (problem.line() == 0 || lines.isEmpty()) {
      return;
    }
    String line = problem.line() <= lines.size() ? lines.get(problem.line() - 1) : "";
    String number = "%5d".formatted(problem.line());
    if (line.isBlank()) {
      // The place of a key that the file does not have.
      if (!problem.path().isEmpty()) {
        out.println(number + " + " + problem.path() + ":");
      }
      return;
    }
    int at = line.offsetByCodePoints(0, Math.min(problem.column() - 1, line.length()));
    int from = at <= WIDEST / 2 ? 0 : at - WIDEST / 2;
    String shown = mask(line, problem.path(), at);
    shown = shown.substring(Math.min(from, shown.length()));
    if (shown.length() > WIDEST) {
      shown = shown.substring(0, WIDEST) + "…";
    }
    String indent = line.substring(from, at).replaceAll("[^\t]", " ");
    out.println(number + " | " + shown);
    out.println("      | " + indent + colored("1;32", "^"));
  }

  /** Hides what could be a credential; the text before {@code at} keeps its length. */
  private static String mask(String line, String path, int at) {
    BitSet hidden = new BitSet();
    SECRETS.forEach(secret -> hide(secret.matcher(line), hidden));
    if (SECRET_PATH.matcher(path).matches()) {
      hide(VALUE.matcher(line).region(at, line.length()), hidden);
    }
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < line.length(); i++) {
      if (!hidden.get(i)) {
        shown.append(line.charAt(i));
      } else if (i <= at || !hidden.get(i - 1)) {
        shown.append('…');
      }
    }
    return shown.toString();
  }

  private static void hide(Matcher secret, BitSet hidden) {
    while (secret.find()) {
      hidden.set(secret.start("secret"), secret.end("secret"));
    }
  }

  /** The lines of a file, without characters that control a terminal; none if it cannot be read. */
  private static List<String> lines(String file) {
    try {
      String text = new String(SmallFile.read(Path.of(file)), UTF_8);
      return text.replaceFirst("^\uFEFF", "")
          .replaceAll("[\\p{C}&&[^\t\r\n]]|[\\x{2028}\\x{2029}]", "\uFFFD")
          .lines()
          .toList();
    } catch (IOException | InvalidPathException e) {
      return List.of();
    }
  }

  private String colored(String code, String text) {
    return color ? "\u001B[" + code + "m" + text + "\u001B[0m" : text;
  }
}
