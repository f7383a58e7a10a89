package tokenvending.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tokenvending.authentication.Argon2Hash;
import tokenvending.secret.Secret;
import tokenvending.server.lifecycle.ExitCode;

/** {@code init}: a policy to edit and its users file, with one user whose password is random. */
@Command(
    name = "init",
    mixinStandardHelpOptions = true,
    description = {
      "Writes a commented tvm.yaml, and a users.yaml with one user, ann.",
      "Prints the random password of ann, which is stored nowhere. Overwrites no file."
    })
final class InitCommand implements Callable<Integer> {
  private static final int PASSWORD_BYTES = 15;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "FOLDER",
      description = "An existing folder. Default: the current one.")
  private Path folder = Path.of("");

  @Override
  public Integer call() throws IOException {
    CommandSpec own = Objects.requireNonNull(spec, "picocli sets it");
    PrintWriter out = own.commandLine().getOut();
    PrintWriter err = own.commandLine().getErr();
    Path policy = folder.resolve("tvm.yaml");
    Path users = folder.resolve("users.yaml");
    Optional<String> unfit = unfit(policy, users);
    if (unfit.isPresent()) {
      err.println(unfit.get());
      err.flush();
      return ExitCode.WRONG_INPUT;
    }
    SecureRandom random = new SecureRandom();
    byte[] bytes = new byte[PASSWORD_BYTES];
    random.nextBytes(bytes);
    String password = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    String hash = Argon2Hash.of(Secret.of(password), random).text();
    try {
      write(users, template("users.yaml").replace("HASH", hash));
      write(policy, template("tvm.yaml"));
    } catch (FileAlreadyExistsException e) {
      // Another process wrote it meanwhile.
      err.println(exists(Path.of(e.getFile())));
      err.flush();
      return ExitCode.WRONG_INPUT;
    } catch (IOException e) {
      err.println("cannot write " + e.getMessage());
      err.flush();
      return ExitCode.REFUSED;
    }
    out.println("wrote " + policy + " and " + users);
    out.println("The user ann has the password " + password);
    out.println();
    out.println("Next: tvm check, tvm serve, and in another terminal");
    out.println("  curl -u 'ann:" + password + "' http://127.0.0.1:8080/");
    out.flush();
    return ExitCode.DONE;
  }

  private Optional<String> unfit(Path... files) {
    if (!Files.isDirectory(folder.toAbsolutePath())) {
      return Optional.of(folder + " is not a folder: create it first");
    }
    for (Path file : files) {
      if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        return Optional.of(exists(file));
      }
    }
    return Optional.empty();
  }

  private static String exists(Path file) {
    return file + " exists: move it away, or name another folder; nothing was overwritten";
  }

  private static void write(Path file, String text) throws IOException {
    Files.writeString(file, text, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  private static String template(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            InitCommand.class.getResourceAsStream("init/" + name), "packaged with this class")) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }
}
