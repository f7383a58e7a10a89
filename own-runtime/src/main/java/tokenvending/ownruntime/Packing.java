package tokenvending.ownruntime;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * The steps from the functions' jars to the zip: a Java with the modules that they need, the jars
 * as one, a start script, and for each function an AOT cache that was trained from what the zip
 * unpacks to, since a cache is good for the very files that it was made from.
 */
final class Packing {
  /** What the jars refer to, as jdeps tells it, without what they only look for (java.sql). */
  static final List<String> MODULES =
      List.of(
          "java.base",
          "java.logging",
          "java.management",
          "java.naming",
          "java.net.http",
          "jdk.unsupported");

  /** As often as it takes for a profile to say something. */
  private static final int ROUNDS = 10;

  private final Path function;
  private final Path work;

  Packing(Path function, Path work) {
    this.function = function;
    this.work = work;
  }

  Path pack() throws IOException, InterruptedException {
    Path whole = Files.createDirectories(work.resolve("whole"));
    Path task = Files.createDirectories(work.resolve("task"));
    link(whole.resolve("jre"));
    OneJar.write(jars(), Files.createDirectories(whole.resolve("lib")).resolve("function.jar"));
    Path bootstrap = whole.resolve("bootstrap");
    Files.writeString(bootstrap, bootstrap());
    Files.setPosixFilePermissions(bootstrap, PosixFilePermissions.fromString("rwxr-xr-x"));

    Path untrained = work.resolve("untrained.zip");
    FixedZip.write(whole, untrained);
    FixedZip.extract(untrained, task);
    for (Trained trained : Trained.values()) {
      Path cache = whole.resolve(trained.cache());
      try (Training training = new Training(work, task)) {
        training.run(trained, "-XX:AOTCacheOutput=" + cache, ROUNDS);
      }
      if (!Files.isRegularFile(cache)) {
        throw new IllegalStateException(
            "the JVM wrote no cache:\n" + Files.readString(work.resolve("training.log")));
      }
    }
    Path zip = work.resolve("function.zip");
    FixedZip.write(whole, zip);
    return zip;
  }

  private static void link(Path jre) {
    ToolProvider jlink =
        ToolProvider.findFirst("jlink")
            .orElseThrow(() -> new IllegalStateException("this Java has no jlink"));
    StringWriter said = new StringWriter();
    PrintWriter out = new PrintWriter(said);
    int status =
        jlink.run(
            out,
            out,
            "--add-modules",
            String.join(",", MODULES),
            "--strip-java-debug-attributes",
            "--no-header-files",
            "--no-man-pages",
            "--output",
            jre.toString());
    if (status != 0) {
      throw new IllegalStateException("jlink failed: " + said);
    }
  }

  private List<Path> jars() throws IOException {
    try (Stream<Path> all = Files.list(function.resolve("lib"))) {
      return all.filter(one -> one.toString().endsWith(".jar")).sorted().toList();
    }
  }

  private static String bootstrap() throws IOException {
    try (InputStream script =
        Objects.requireNonNull(Packing.class.getResourceAsStream("bootstrap"))) {
      return new String(script.readAllBytes(), UTF_8);
    }
  }
}
