package tokenvending.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a start costs: nothing is loaded before it is needed. */
@DisplayNameGeneration(ReplaceUnderscores.class)
final class StartTest {
  /** Each is of use to some configurations or some requests, and to no start with an API key. */
  private static final List<String> NOT_YET =
      List.of(
          "ch.qos.logback.classic.joran.",
          "ch.qos.logback.core.joran.action.",
          "com.fasterxml.jackson.databind.",
          "com.linecorp.armeria.internal.shaded.bouncycastle.",
          "com.linecorp.armeria.server.grpc.",
          "com.nimbusds.",
          "com.password4j.",
          "io.grpc.internal.",
          "io.lettuce.",
          "io.netty.util.Version",
          // Spins classes for each method of a record that is generated: equals, hashCode,
          // toString.
          "java.lang.runtime.ObjectMethods",
          "javax.xml.",
          "picocli.",
          "software.amazon.awssdk.",
          "tokenvending.api.Playground",
          "tokenvending.aws.DynamoDb",
          "tokenvending.aws.Table",
          "tokenvending.momentolocal.MomentoLocal$",
          "tokenvending.redis.");

  @TempDir Path folder;

  @Test
  @Timeout(120)
  void nothing_is_loaded_before_the_first_request_that_not_every_start_needs()
      throws IOException, InterruptedException {
    List<String> loaded =
        loadedByAStartWith(
            """
            authentication: [open: {}]
            rules: [{ id: guests, permissions: [{ role: PublishSubscribe, cache: chat, topic: room-1 }] }]
            momento: { api-key: "file:FOLDER/key", token-service: "http://127.0.0.1:1" }
            """);

    assertThat(loaded)
        .contains(
            "tokenvending.server.lifecycle.RunningServer",
            "tokenvending.momento.netty.NettyConnection");
    assertThat(loaded).filteredOn(name -> NOT_YET.stream().anyMatch(name::startsWith)).isEmpty();
  }

  /** A name that nothing has any more would forbid nothing. */
  @Test
  void each_name_that_is_forbidden_is_one_of_something_that_is_there() throws IOException {
    Set<String> there = new HashSet<>();
    ModuleLayer.boot().modules().stream()
        .flatMap(module -> module.getPackages().stream())
        .forEach(name -> there.add(name + "."));
    for (String part : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      there.addAll(Files.isDirectory(Path.of(part)) ? inFolder(Path.of(part)) : inJar(part));
    }

    assertThat(NOT_YET)
        // What a dollar ends are a class's lambdas, which have no files.
        .map(name -> name.replace("$", ""))
        .filteredOn(name -> there.stream().noneMatch(one -> one.startsWith(name)))
        .filteredOn(
            name -> Object.class.getResource("/" + name.replace('.', '/') + ".class") == null)
        .isEmpty();
  }

  private static List<String> inFolder(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.map(one -> folder.relativize(one).toString().replace('/', '.')).toList();
    }
  }

  private static List<String> inJar(String jar) throws IOException {
    try (ZipFile all = new ZipFile(jar)) {
      return all.stream().map(one -> one.getName().replace('/', '.')).toList();
    }
  }

  /** Shows that loading is seen. */
  @Test
  @Timeout(120)
  void what_a_file_asks_for_is_loaded() throws IOException, InterruptedException {
    List<String> loaded =
        loadedByAStartWith(
            """
            authentication: [open: {}]
            rules: [{ id: guests, permissions: [{ role: PublishSubscribe, cache: chat, topic: room-1 }] }]
            """,
            "--host=127.0.0.1");

    assertThat(loaded).anyMatch(name -> name.startsWith("picocli."));
    assertThat(loaded).anyMatch(name -> name.startsWith("tokenvending.momentolocal.MomentoLocal$"));
    assertThat(loaded).anyMatch(name -> name.startsWith("com.linecorp.armeria.server.grpc."));
  }

  private List<String> loadedByAStartWith(String yaml, String... more)
      throws IOException, InterruptedException {
    Files.writeString(folder.resolve("key"), TokenServiceAtLoopback.apiKey("one"));
    Path file =
        Files.writeString(folder.resolve("tvm.yaml"), yaml.replace("FOLDER", folder.toString()));
    Path log = folder.resolve("classes");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dio.netty.jfr.enabled=false",
                "-Xlog:class+load:file=" + log + ":none",
                "-cp",
                System.getProperty("java.class.path"),
                "tokenvending.server.cli.Main",
                "serve",
                "--port",
                "0",
                "--config",
                file.toString()));
    command.addAll(List.of(more));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    builder.environment().remove("MOMENTO_API_KEY");
    Process process = builder.start();
    List<String> said = new ArrayList<>();
    try (BufferedReader out = process.inputReader(UTF_8)) {
      String line = out.readLine();
      while (line != null && !line.startsWith("ready: ")) {
        said.add(line);
        line = out.readLine();
      }
      assertThat(line).as("%s", said).isNotNull();
      return Files.readAllLines(log).stream().map(one -> one.split(" ", 2)[0]).toList();
    } finally {
      process.destroy();
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    }
  }
}
