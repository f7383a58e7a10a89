package tokenvending.infrastructure;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import software.amazon.awscdk.App;
import software.amazon.awscdk.cxapi.CloudAssembly;

/**
 * One app as the command line would build it, with a stand-in for the functions' code, and what it
 * came to. Starting the CDK takes seconds, so each case is built once for all tests.
 */
final class Synthesized {
  private static final Map<List<String>, Synthesized> BUILT = new ConcurrentHashMap<>();
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The cases that have a snapshot. */
  static final List<String> CASES =
      List.of("open", "password", "oidc", "cognito", "guests", "existing-secret");

  /** Every option of section aws that leaves the rest of a template as it is. */
  static final String ALL_OPTIONS =
      "aws={ rate-per-address: 300, throttle: { rate: 70, burst: 140 },"
          + " domain: { name: tokens.example.com, certificate:"
          + " 'arn:aws:acm:us-west-2:111122223333:certificate/1234' },"
          + " reserved-concurrency: 20, memory: 2048, log-retention: 180,"
          + " permissions-boundary: developers, qualifier: mine, tags: { team: chat },"
          + " kms-keys: ['arn:aws:kms:us-west-2:111122223333:key/1234'],"
          + " keep-versions: true, keep-warm: true }";

  private final JsonNode template;
  private final Path folder;

  private Synthesized(String file, Map<String, String> context) {
    try {
      Path work = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "synthesized-");
      Path code = Files.createDirectories(work.resolve("function"));
      Files.writeString(code.resolve("stand-in.jar"), "not the functions' code");
      Path resource = resource(file + ".yaml");
      Map<String, String> values = new LinkedHashMap<>(context);
      Path written = Files.copy(resource, work.resolve("tvm.yaml"));
      if (values.containsKey("aws")) {
        Files.writeString(
            written, "aws: " + values.remove("aws") + "\n", StandardOpenOption.APPEND);
      }
      values.put("config", written.toString());
      DeployOptions.Result result = DeployOptions.read(values, work, code, work.resolve("staging"));
      if (!(result instanceof DeployOptions.Result.Understood(DeployOptions options))) {
        throw new IllegalArgumentException(result.toString());
      }
      App app = CdkApp.app(Optional.of(work.resolve("out")));
      new MomentoTokenVendingMachineStack(app, options.stack(), options);
      CloudAssembly assembly = app.synth();
      folder = Path.of(assembly.getDirectory());
      template =
          JSON.readTree(folder.resolve(DeployOptions.USUAL_STACK + ".template.json").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A case.
   *
   * @param file the name of a file among the test's resources, without its ending
   * @param context what follows {@code -c}; {@code aws=…} is the section of the file
   */
  static Synthesized of(String file, String... context) {
    List<String> key = new ArrayList<>(List.of(context));
    key.addFirst(file);
    return BUILT.computeIfAbsent(
        key,
        ignored -> {
          Map<String, String> values = new LinkedHashMap<>();
          for (String one : context) {
            values.put(one.substring(0, one.indexOf('=')), one.substring(one.indexOf('=') + 1));
          }
          return new Synthesized(file, values);
        });
  }

  static Path resource(String name) {
    // As the build sees it, so that a snapshot can be written where it is kept.
    return Path.of("src/test/resources/tokenvending/infrastructure").resolve(name).toAbsolutePath();
  }

  JsonNode template() {
    return template;
  }

  /** Where the template and cdk-nag's report are. */
  Path folder() {
    return folder;
  }

  /** The warnings and notes that the command line prints, as the CDK writes them. */
  String messages() {
    StringBuilder text = new StringBuilder();
    for (String name : List.of("manifest.json", DeployOptions.USUAL_STACK + ".metadata.json")) {
      Path file = folder.resolve(name);
      try {
        text.append(Files.exists(file) ? Files.readString(file) : "");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return text.toString();
  }

  /** All resources of a type, by their ids. */
  Map<String, JsonNode> resources(String type) {
    Map<String, JsonNode> found = new LinkedHashMap<>();
    template
        .get("Resources")
        .properties()
        .forEach(
            entry -> {
              if (entry.getValue().get("Type").asText().equals(type)) {
                found.put(entry.getKey(), entry.getValue());
              }
            });
    return found;
  }

  /** The properties of the one resource of a type whose id begins so. */
  JsonNode properties(String type, String idBegins) {
    List<JsonNode> found =
        resources(type).entrySet().stream()
            .filter(entry -> entry.getKey().startsWith(idBegins))
            .map(entry -> entry.getValue().path("Properties"))
            .toList();
    if (found.size() != 1) {
      throw new AssertionError(
          "%d resources of type %s begin with %s".formatted(found.size(), type, idBegins));
    }
    return found.getFirst();
  }
}
