package tokenvending.configuration;

import static tokenvending.configuration.Key.optional;
import static tokenvending.configuration.Key.required;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Reads a users file, as strictly as {@code tvm.yaml}: user → {@code {hash: "$argon2id$…", groups:
 * […]}}.
 */
public final class UsersReader {
  private static final Pattern ARGON2ID =
      Pattern.compile(
          "\\$argon2id\\$v=19\\$m=[1-9][0-9]{0,9},t=[1-9][0-9]{0,9},p=[1-9][0-9]{0,9}"
              + "\\$[A-Za-z0-9+/]{8,128}={0,2}\\$[A-Za-z0-9+/]{16,256}={0,2}");

  private static final Shape<Map<String, UsersDocument.User>> USERS =
      Shape.named("the name of a user", 0, UsersReader::userName, user());

  private UsersReader() {}

  /** Reads a file. */
  public static UsersResult read(Path file) {
    Findings findings = new Findings(file.toString());
    return TextFile.readAgain(file, findings)
        .map(text -> parse(text, findings))
        .orElseGet(() -> new UsersResult.Unusable(findings.inOrder()));
  }

  /**
   * Parses a text.
   *
   * @param name the file's name in problems
   */
  public static UsersResult parse(String text, String name) {
    return parse(text, new Findings(name));
  }

  private static UsersResult parse(String text, Findings findings) {
    Optional<Map<String, UsersDocument.User>> users =
        YamlText.parse(text, findings).flatMap(root -> USERS.read(root, "", findings));
    return users.isPresent() && !findings.holdErrors()
        ? new UsersResult.Read(new UsersDocument(users.get()))
        : new UsersResult.Unusable(findings.inOrder());
  }

  private static Optional<String> userName(String name, Consumer<String> problem) {
    if (name.contains(":")) {
      // RFC 7617 §2: the first colon ends the user name.
      problem.accept("a user name must not contain a colon");
      return Optional.empty();
    }
    return Texts.plain(name, problem);
  }

  private static Shape<UsersDocument.User> user() {
    String expected =
        "what ./tvm hash-password prints, $argon2id$v=19$m=…, in quotes where it stands inside { }";
    Key<String> hash =
        required(
            "hash",
            Shape.word(
                expected,
                Map.of("type", "string"),
                (text, problem) -> {
                  if (!ARGON2ID.matcher(text).matches()) {
                    problem.accept("expected " + expected);
                    return Optional.empty();
                  }
                  return Optional.of(text);
                }),
            "The argon2id hash of the password.");
    Key<List<String>> groups =
        optional(
            "groups", Shape.list(Texts.plainName("the name of a group"), 0), "The user's groups.");
    return Shape.section(
        List.of(hash, groups),
        fields ->
            new UsersDocument.User(
                fields.of(hash).orElseThrow(), fields.of(groups).orElse(List.of())));
  }
}
