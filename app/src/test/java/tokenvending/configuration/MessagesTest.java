package tokenvending.configuration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.configuration.ConfigurationResult.Read;
import tokenvending.configuration.ConfigurationResult.Unusable;
import tokenvending.testing.Golden;

/** Errors and warnings that a single line of {@link BadFileTest} does not cause. */
final class MessagesTest {
  private static final String RULES =
      """
      rules:
        - id: all
          permissions: [ { role: ReadWrite, cache: chat, item: all } ]
      limits: { per-caller: 1/s }
      """;

  private static final String ISSUERS =
      """
      authentication:
        - oidc: { issuer: "https://a.example/", audience: chat }
        - oidc: { issuer: "https://b.example/", audience: chat }
        - open: {}
      parameters:
        name: { max-length: 40, required: false }
      limits: { per-caller: 1/s }
      """;

  private static final List<String> FILES =
      List.of(
          "",
          "- a",
          "hello",
          "token: { ttl: 1h }",
          "authentication: []\nrules: []\n",
          "authentication: [open]\n" + RULES + "---\na: 1\n",
          "authentication: [open]\n" + RULES + "momento: { api-key: @key }\n",
          "authentication: [open]\n" + RULES + "state: a: b\n",
          "authentication: [open, open]\n" + RULES,
          "authentication: [open]\n" + RULES.replace("item: all", "item: *"),
          "authentication: [open]\n" + RULES.replace(", item: all", ""),
          "authentication: [open]\n" + RULES.replace("limits: { per-caller: 1/s }\n", ""),
          "authentication: [open]\n"
              + RULES.replace("}\n", ", trusted-proxies: [\"0.0.0.0/0\"] }\n")
              + "cors: { allow-origins: [\"*\"] }\n",
          "authentication: [open]\n"
              + RULES
              + "cors: { allow-origins: [\"https://*.example.com\"] }\n",
          "authentication: [open]\n" + RULES + "  - { id: never, permissions: [] }\n",
          "authentication: [password: { users: file:users.yaml }, cognito: {}]\n" + RULES,
          ISSUERS
              + """
              rules:
                - id: one
                  when: { claims: { email: "a@b.example", department: "x*" } }
                  token-id: "${claims.email}"
                  permissions:
                    - { role: ReadWrite, cache: chat, item: { key: "profile-${subject}" } }
                    - { role: PublishOnly, cache: chat, topic: { prefix: "${request.name}" } }
                - id: two
                  reuse: everyone
                  token-id: "a-${request.name}-${subject}"
                  permissions: [ { role: ReadWrite, cache: chat, item: { key: "${subject}" } } ]
                - id: two
                  when: { groups: ["${subject}"] }
                  token-id: "${request.name}"
                  permissions: [ { role: ReadWrite, cache: { prefix: a }, item: all } ]
              """,
          ISSUERS
              + """
              rules:
                - id: all
                  token-id: "user/${request.name}"
                  permissions:
                    - { role: ReadWrite, cache: chat, item: { key: "p-${request.name}" } }
                    - { role: ReadWrite, cache: chat, item: { key: "own-${subject}" } }
                - id: late
                  permissions: [ { role: ReadWrite, cache: chat, item: all } ]
              """,
          ISSUERS
              + """
              rules:
                - id: twins
                  when: { claims: { iss: "https://c.example/" } }
                  permissions:
                    - { role: ReadWrite, cache: chat, item: { key: "a${subject}${claims.b}" } }
                    - { role: ReadWrite, cache: chat, item: { key-prefix: "a${subject}" } }
                    - { role: ReadOnly, cache: chat, item: all }
              """);

  @TempDir private Path folder;

  @Test
  void messages_about_whole_files_are_the_reviewed_ones() throws IOException {
    StringBuilder messages = new StringBuilder();
    for (String file : FILES) {
      file.lines().forEach(line -> messages.append("  | ").append(line).append('\n'));
      switch (Good.parse(file)) {
        case Read read -> read.warnings().forEach(one -> messages.append(one).append('\n'));
        case Unusable(var problems) -> problems.forEach(one -> messages.append(one).append('\n'));
      }
      messages.append('\n');
    }

    Golden.check("files.txt", messages.toString());
  }

  @Test
  void messages_about_the_machine_are_the_reviewed_ones() throws IOException {
    Files.createDirectory(folder.resolve("folder"));
    Read read =
        Good.read(
            ConfigurationReader.parse(
                "authentication: [cognito: {}]\n"
                    + RULES
                    + "audit: { to: file:folder }\n"
                    + "state: env:STATE\n"
                    + "momento: { api-key: env:KEY, endpoint: env:CELL }\n",
                "tvm.yaml",
                folder));
    List<ConfigurationProblem> problems = new ArrayList<>();
    problems.addAll(StartChecks.unsetVariables(read, false, Map.of()));
    problems.addAll(StartChecks.missingOutsideAws(read));
    problems.addAll(StartChecks.auditFile(read));
    problems.addAll(StartChecks.blocks(read));
    List<String> messages = new ArrayList<>(problems.stream().map(Object::toString).toList());
    messages.add(search(Optional.empty(), folder));
    messages.add(search(Optional.of(Path.of("default")), folder));
    Files.writeString(folder.resolve("tvm.yml"), "");
    messages.add(search(Optional.empty(), folder));
    Files.writeString(folder.resolve("default"), "");
    messages.add(search(Optional.of(Path.of("default")), folder));
    for (Path file : List.of(folder.resolve("none.yaml"), folder.resolve("folder"))) {
      if (ConfigurationReader.read(file) instanceof Unusable(var unread)) {
        messages.add(unread.getFirst().toString());
      }
    }

    Golden.check(
        "machine.txt", String.join("\n", messages).replace(folder.toString(), "FOLDER") + "\n");
  }

  private static String search(Optional<Path> named, Path folder) {
    return switch (ConfigurationSearch.find(named, folder)) {
      case ConfigurationSearch.Result.Found(var file) -> "found " + file.getClass().getSimpleName();
      case ConfigurationSearch.Result.NotFound(String message) -> message;
    };
  }
}
