package tokenvending.story;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The product as its users start it: a process of {@code tvm serve} or {@code tvm local} that has
 * said where it is ready. Closing ends it by a signal and asserts that it ended well.
 */
final class Machine implements AutoCloseable {

  private static final Pattern READY = Pattern.compile("ready: (http://\\S+)");
  private static final Pattern V1_KEY = Pattern.compile("API key \\(v1\\)\\s+(\\S+)");

  private final Process process;
  private final Path folder;
  private final URI uri;
  private final List<String> output;

  private Machine(Process process, Path folder, URI uri, List<String> output) {
    this.process = process;
    this.folder = folder;
    this.uri = uri;
    this.output = output;
  }

  /** {@code tvm serve} in local use, with the built-in configuration. */
  static Machine serve() throws IOException {
    return start(Files.createTempDirectory("tvm-story"), "serve", "--port", "0");
  }

  /** {@code tvm serve} in local use, with the given text as its tvm.yaml. */
  static Machine serve(String configuration) throws IOException {
    Path folder = Files.createTempDirectory("tvm-story");
    Path file = Files.writeString(folder.resolve("tvm.yaml"), configuration);
    return start(folder, "serve", "--port", "0", "--config", file.toString());
  }

  /** {@code tvm local} with the given options. */
  static Machine local(String... options) throws IOException {
    List<String> words = new ArrayList<>(List.of("local", "--port", "0"));
    words.addAll(List.of(options));
    return start(Files.createTempDirectory("tvm-story"), words.toArray(String[]::new));
  }

  /** Where it answers. */
  URI uri() {
    return uri;
  }

  /** The API key in v1 form that {@code tvm local} has printed. */
  String apiKey() {
    Matcher matcher = V1_KEY.matcher(String.join("\n", output));
    assertThat(matcher.find()).as("an API key in what it printed").isTrue();
    return matcher.group(1);
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    boolean ended = endsWithin(20);
    process.destroyForcibly();
    Files.deleteIfExists(folder.resolve("tvm.yaml"));
    Files.deleteIfExists(folder);
    assertThat(ended).as("it ends when it is told to").isTrue();
    assertThat(process.exitValue()).as("its exit code").isZero();
  }

  private boolean endsWithin(int seconds) {
    try {
      return process.waitFor(seconds, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static Machine start(Path folder, String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of(launcher()));
    command.addAll(List.of(words));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().remove("MOMENTO_API_KEY");
    builder.environment().remove("MOMENTO_ENDPOINT");
    Process process = builder.start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));

    List<String> output = new ArrayList<>();
    CompletableFuture<URI> ready = new CompletableFuture<>();
    Thread.ofVirtual().start(() -> read(process, output, ready));
    try {
      return new Machine(process, folder, ready.get(2, TimeUnit.MINUTES), output);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      process.destroyForcibly();
      throw new IllegalStateException("it did not get ready: " + output, e);
    }
  }

  /** Reads on after it is ready, since a full pipe would stop it. */
  private static void read(Process process, List<String> output, CompletableFuture<URI> ready) {
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      String line = reader.readLine();
      while (line != null) {
        if (!ready.isDone()) {
          output.add(line);
        }
        Matcher matcher = READY.matcher(line);
        if (matcher.matches()) {
          ready.complete(URI.create(matcher.group(1)));
        }
        line = reader.readLine();
      }
    } catch (IOException e) {
      ready.completeExceptionally(e);
    }
    ready.completeExceptionally(new IllegalStateException("it ended"));
  }

  /** TVM names another launcher to tell the stories of, such as one that is installed. */
  private static String launcher() {
    String other = System.getenv("TVM");
    return other != null ? other : Path.of("..", "tvm").toAbsolutePath().normalize().toString();
  }
}
