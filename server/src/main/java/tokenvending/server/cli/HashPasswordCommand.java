package tokenvending.server.cli;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tokenvending.authentication.Argon2Hash;
import tokenvending.secret.Secret;
import tokenvending.server.lifecycle.ExitCode;

/**
 * {@code hash-password}: reads a password and prints its argon2id hash. The password is never an
 * argument, because other users can see arguments.
 */
@Command(
    name = "hash-password",
    mixinStandardHelpOptions = true,
    description =
        "Reads a password from the terminal, or one line from standard input, and prints the hash"
            + " for a users file.")
final class HashPasswordCommand implements Callable<Integer> {
  /** The longest password that a sign-in accepts, in bytes. */
  private static final int LONGEST = 1024;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    CommandSpec own = Objects.requireNonNull(spec, "picocli sets it");
    PrintWriter err = own.commandLine().getErr();
    Optional<Secret> password;
    try {
      password = read();
    } catch (CharacterCodingException e) {
      err.println(
          "the password is not UTF-8, so no sign-in could match: type it in a UTF-8 terminal");
      err.flush();
      return ExitCode.WRONG_INPUT;
    }
    if (password.isEmpty() || password.get().isEmpty()) {
      err.println("no password, or two different ones");
      err.flush();
      return ExitCode.WRONG_INPUT;
    }
    Optional<String> unfit = unfit(password.get());
    if (unfit.isPresent()) {
      err.println(unfit.get());
      err.flush();
      return ExitCode.WRONG_INPUT;
    }
    PrintWriter out = own.commandLine().getOut();
    out.println(Argon2Hash.of(password.get(), new SecureRandom()).text());
    out.flush();
    return ExitCode.DONE;
  }

  /** Returns why a sign-in would never accept this password. */
  private static Optional<String> unfit(Secret password) {
    if (password.length() > LONGEST) {
      return Optional.of("the password is longer than " + LONGEST + " bytes");
    }
    return password.reveal().chars().anyMatch(Character::isISOControl)
        ? Optional.of("the password contains a control character, which sign-in does not accept")
        : Optional.empty();
  }

  // Since JDK 25 there is no console if the input is not a terminal.
  @SuppressWarnings("SystemConsoleNull")
  private static Optional<Secret> read() throws IOException {
    Console console = System.console();
    if (console == null || !console.isTerminal()) {
      BufferedReader in =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8.newDecoder()));
      return Optional.ofNullable(in.readLine()).map(Secret::of);
    }
    char[] first = console.readPassword("Password: ");
    char[] second = console.readPassword("Again: ");
    if (first == null || second == null || !Arrays.equals(first, second)) {
      return Optional.empty();
    }
    return Optional.of(Secret.of(new String(first)));
  }
}
