import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * Builds a product with Maven into target/PRODUCT/FINGERPRINT, where the fingerprint stands for the
 * content of every source (see {@code tvm fingerprint}). Such a folder appears whole or not at all:
 * an interrupted build leaves nothing half-made, and a server that runs while the next build goes
 * on keeps its own jars.
 *
 * <pre>java Build.java ROOT app|aws</pre>
 *
 * Exit code 0 without such a folder: the sources changed while they were built.
 */
final class Build {
  /**
   * Modules to build, and what of their output makes the product: path under the root, name in the
   * product.
   */
  private record Product(String name, String title, String modules, Map<String, String> parts) {}

  private static final List<Product> PRODUCTS =
      List.of(
          new Product("app", "the server", "server", Map.of("server/target/app/lib", "")),
          new Product(
              "aws",
              "what is deployed on AWS",
              "lambda,infrastructure",
              Map.of(
                  "infrastructure/target/app/lib", "lib",
                  "lambda/target/function", "function",
                  "lambda/target/runtime", "runtime")));

  /** The time of every file: an AOT cache is valid only for jars of the same size and time. */
  private static final FileTime TIME = FileTime.from(Instant.parse("2020-01-01T00:00:00Z"));

  private static final Pattern MODULE =
      Pattern.compile("\\[INFO] Building (.+) \\S+ +\\[(\\d+/\\d+)]");
  private static final int SHOWN_LINES = 60;

  private final Path root;
  private final Product product;
  private final Path builds;
  private final Path log;

  private Build(Path root, Product product) {
    this.root = root;
    this.product = product;
    this.builds = root.resolve("target").resolve(product.name());
    this.log = root.resolve("target/build.log");
  }

  public static void main(String[] args) throws InterruptedException {
    Path root = Path.of(args[0]);
    Product product =
        PRODUCTS.stream().filter(one -> one.name().equals(args[1])).findAny().orElseThrow();
    try {
      build(root, product);
    } catch (IOException e) {
      fail("the build failed, since a file cannot be read or written: " + e);
    }
  }

  private static void build(Path root, Product product) throws IOException, InterruptedException {
    Files.createDirectories(root.resolve("target"));
    Path lock = root.resolve("target/build.lock");
    try (FileChannel channel =
        FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      FileLock held = channel.tryLock();
      if (held == null) {
        say("waiting for another build of this folder to end");
        channel.lock();
      }
      new Build(root, product).run();
    }
  }

  private void run() throws IOException, InterruptedException {
    Instant started = Instant.now();
    String before = fingerprint();
    Path app = builds.resolve(before);
    if (Files.exists(app)) {
      return;
    }
    say("building " + product.title() + " (the log is in " + log + ")");
    Map<Path, String> sums = forgetStaleClasses();
    for (String part : product.parts().keySet()) {
      delete(root.resolve(part));
    }
    if (runMaven() != 0) {
      showErrors();
      fail("the build failed; the whole log is in " + log);
    }
    for (String part : product.parts().keySet()) {
      if (!Files.isDirectory(root.resolve(part))) {
        fail("the build made no " + root.resolve(part));
      }
    }
    if (!fingerprint().equals(before)) {
      say("the sources changed while they were built");
      return;
    }
    rememberSources(sums);
    publish(app);
    prune(app);
    say("built in " + Duration.between(started, Instant.now()).toSeconds() + " s");
  }

  private String fingerprint() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(root.resolve("tvm").toString(), "fingerprint")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String printed = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    if (process.waitFor() != 0 || printed.isEmpty()) {
      fail("the sources cannot be read");
    }
    return printed;
  }

  /** Tests are neither compiled nor run, so that the first start is fast. */
  private int runMaven() throws IOException, InterruptedException {
    List<String> command =
        List.of(
            "mvn",
            "-T",
            "1C",
            "-Dmaven.test.skip=true",
            "-Dspotless.check.skip=true",
            "-pl",
            product.modules(),
            "-am",
            "package");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(root.toFile())
            .redirectErrorStream(true)
            .redirectInput(new File("/dev/null"));
    Process maven;
    try {
      maven = builder.start();
    } catch (IOException e) {
      fail(
          "Maven is missing: install it (Debian: apt-get install maven; macOS: brew install"
              + " maven).");
      return 1;
    }
    Runtime.getRuntime().addShutdownHook(new Thread(maven::destroy));
    try (BufferedReader out = maven.inputReader(UTF_8);
        var file = Files.newBufferedWriter(log)) {
      int fetched = 0;
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        file.write(line);
        file.newLine();
        Matcher module = MODULE.matcher(line);
        if (module.matches()) {
          say("[" + module.group(2) + "] " + module.group(1));
        } else if (line.contains("Downloaded from ") && ++fetched % 100 == 0) {
          say("      downloaded " + fetched + " files");
        }
      }
    }
    return maven.waitFor();
  }

  private void showErrors() throws IOException {
    List<String> lines;
    try (Stream<String> all = Files.lines(log)) {
      lines =
          all.takeWhile(line -> !line.contains("To see the full stack trace"))
              .filter(
                  line ->
                      !line.startsWith("[INFO]")
                          && !line.startsWith("WARNING: ")
                          && !line.contains("Download"))
              .toList();
    }
    lines
        .subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size())
        .forEach(System.err::println);
  }

  /**
   * Deletes the class files of every module whose sources differ from those of its last whole
   * build. Maven compares file times alone, and would keep them where a file came back older, a
   * resource was deleted, or a build was interrupted.
   */
  private Map<Path, String> forgetStaleClasses() throws IOException {
    Map<Path, String> sums = new HashMap<>();
    for (Path module : modules()) {
      Path built = builtFrom(module);
      sums.put(module, sum(module));
      if (!Files.exists(built) || !Files.readString(built).equals(sums.get(module))) {
        delete(module.resolve("target/classes"));
        delete(module.resolve("target/maven-status"));
      }
      Files.deleteIfExists(built);
    }
    return sums;
  }

  private static void rememberSources(Map<Path, String> sums) throws IOException {
    for (Map.Entry<Path, String> module : sums.entrySet()) {
      if (Files.exists(module.getKey().resolve("target/classes"))) {
        Files.writeString(builtFrom(module.getKey()), module.getValue());
      }
    }
  }

  private static Path builtFrom(Path module) {
    return module.resolve("target/built-from");
  }

  private List<Path> modules() throws IOException {
    return list(root).stream().filter(folder -> Files.exists(folder.resolve("pom.xml"))).toList();
  }

  /** A checksum of the names and contents of what a module's class files are made from. */
  private String sum(Path module) throws IOException {
    CRC32 sum = new CRC32();
    for (Path source :
        List.of(root.resolve("pom.xml"), module.resolve("pom.xml"), module.resolve("src/main"))) {
      if (Files.exists(source)) {
        for (Path file : files(source)) {
          byte[] content = Files.readAllBytes(file);
          sum.update((root.relativize(file) + " " + content.length + "\n").getBytes(UTF_8));
          sum.update(content);
        }
      }
    }
    return Long.toHexString(sum.getValue());
  }

  private void publish(Path app) throws IOException {
    Path making = builds.resolve(".making");
    delete(making);
    for (Map.Entry<String, String> part : product.parts().entrySet()) {
      Path from = root.resolve(part.getKey());
      for (Path file : files(from)) {
        Path to = making.resolve(part.getValue()).resolve(from.relativize(file).toString());
        Files.createDirectories(to.getParent());
        Files.copy(file, to);
        Files.setLastModifiedTime(to, TIME);
      }
    }
    Files.createDirectory(making.resolve(".running"));
    Files.move(making, app, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Deletes the builds that no process runs from. A process that does has a file .running/PID
   * there; one that starts meanwhile finds the build gone, and builds it again.
   */
  private void prune(Path app) throws IOException {
    Path old = builds.resolve(".old");
    delete(old);
    for (Path build : list(builds)) {
      if (!build.equals(app) && !isUsed(build)) {
        Files.move(build, old, StandardCopyOption.ATOMIC_MOVE);
        if (isUsed(old)) {
          Files.move(old, build, StandardCopyOption.ATOMIC_MOVE);
        } else {
          delete(old);
        }
      }
    }
  }

  private static boolean isUsed(Path build) throws IOException {
    Path marks = build.resolve(".running");
    return Files.isDirectory(marks)
        && list(marks).stream()
            .map(mark -> mark.getFileName().toString())
            .anyMatch(
                pid ->
                    pid.matches("\\d{1,18}") && ProcessHandle.of(Long.parseLong(pid)).isPresent());
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.toList();
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      List<Path> all = new ArrayList<>();
      try (Stream<Path> found = Files.walk(folder)) {
        found.forEach(all::addFirst);
      }
      for (Path path : all) {
        Files.delete(path);
      }
    }
  }

  private static void say(String text) {
    System.err.println("tvm: " + text);
  }

  private static void fail(String text) {
    say(text);
    System.exit(1);
  }
}
