package tokenvending.ownruntime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The zip as it is deployed: what is in it, and that its cache is good wherever it is unpacked. */
final class OwnZipTest {
  /** AWS's limit of what a function's zip unpacks to. */
  private static final long MOST_UNPACKED = 250L * 1024 * 1024;

  private static final Path FUNCTION = Path.of("..", "lambda", "target", "function");
  private static Path zip = Path.of("");

  @TempDir private Path work;
  private Path task = Path.of("");

  @BeforeAll
  static void pack(@TempDir Path packing) throws IOException, InterruptedException {
    zip = new Packing(FUNCTION, packing).pack();
  }

  @BeforeEach
  void unpack() throws IOException {
    task = work.resolve("quite").resolve("elsewhere");
    FixedZip.extract(zip, task);
  }

  private void live(String options) throws IOException, InterruptedException {
    for (Trained function : Trained.values()) {
      spoilAllCachesBut(function);
      try (Training surroundings = new Training(work, task)) {
        surroundings.run(function, options, 1);
      }
    }
  }

  /** Who takes another function's cache starts, too, though slowly: here he does not. */
  private void spoilAllCachesBut(Trained function) throws IOException {
    Path good = Files.createDirectories(work.resolve("good"));
    for (Trained one : Trained.values()) {
      Path cache = task.resolve(one.cache());
      Path kept = good.resolve(one.cache());
      if (Files.notExists(kept)) {
        Files.move(cache, kept);
      }
      if (one == function) {
        Files.copy(kept, cache, StandardCopyOption.REPLACE_EXISTING);
      } else {
        Files.writeString(cache, "no cache");
      }
    }
  }

  @Test
  void unpacked_elsewhere_it_vends_from_its_cache() throws IOException, InterruptedException {
    live("-XX:AOTMode=on");
  }

  /** Which is why this is a finished zip: the JVM looks at the time of its jar. */
  @Test
  void another_time_of_the_jar_costs_the_cache_and_nothing_else()
      throws IOException, InterruptedException {
    Path jar = task.resolve("lib").resolve("function.jar");
    Files.setLastModifiedTime(jar, FileTime.from(FixedZip.TIME.plusSeconds(2)));

    assertThatThrownBy(() -> live("-XX:AOTMode=on")).isInstanceOf(IOException.class);
    live("-XX:AOTMode=auto");
  }

  @Test
  void it_holds_a_Java_a_jar_caches_and_a_start_script() throws IOException {
    Set<String> tops = new TreeSet<>();
    long size = 0;
    try (ZipFile file = new ZipFile(zip.toFile())) {
      for (ZipEntry entry : file.stream().toList()) {
        tops.add(entry.getName().replaceFirst("/.*", "/"));
        size += entry.getSize();
      }
    }
    assertThat(tops).containsExactly("authorizer.aot", "bootstrap", "jre/", "lib/", "vend.aot");
    assertThat(names(task.resolve("lib"))).containsExactly("function.jar");
    assertThat(size).isLessThan(MOST_UNPACKED);
    // What AWS takes without S3 is 50 MB; the CDK goes by S3 anyway.
    assertThat(Files.size(zip)).isLessThan(60_000_000L);
  }

  private static Set<String> names(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.map(one -> one.getFileName().toString())
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  @Test
  void every_file_has_one_time_whatever_the_zone_and_what_runs_may_run() throws IOException {
    try (Stream<Path> all = Files.walk(task)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        assertThat(Files.getLastModifiedTime(file).toInstant())
            .as(file.toString())
            .isEqualTo(FixedZip.TIME);
        String rights = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        assertThat(rights).as(file.toString()).isIn("rwxr-xr-x", "rw-r--r--");
      }
    }
    for (String runs : List.of("bootstrap", "jre/bin/java")) {
      assertThat(Files.isExecutable(task.resolve(runs))).as(runs).isTrue();
    }
    // The old form of the time, which knows no zone, is what some read: as UTC it is the same.
    try (InputStream in = Files.newInputStream(zip)) {
      ByteBuffer head = ByteBuffer.wrap(in.readNBytes(14)).order(ByteOrder.LITTLE_ENDIAN);
      assertThat(head.getShort(10)).as("midnight").isZero();
      int date = head.getShort(12);
      assertThat(LocalDate.of(1980 + (date >> 9), (date >> 5) & 15, date & 31))
          .isEqualTo(FixedZip.TIME.atZone(ZoneOffset.UTC).toLocalDate());
    }
  }

  /** Classes once each, the lists of providers whole, and the terms of every jar. */
  @Test
  void its_jar_holds_what_the_jars_do() throws IOException {
    Set<String> classes = new TreeSet<>();
    Set<String> terms = new TreeSet<>();
    Map<String, Set<String>> providers = new TreeMap<>();
    for (Path jar : jars()) {
      try (ZipFile file = new ZipFile(jar.toFile())) {
        for (ZipEntry entry : file.stream().toList()) {
          if (entry.getName().endsWith(".class")
              && !entry.getName().endsWith("module-info.class")) {
            classes.add(entry.getName());
          } else if (entry.getName().matches("META-INF/services/[^/]+")) {
            providers
                .computeIfAbsent(entry.getName(), name -> new TreeSet<>())
                .addAll(lines(file, entry));
          } else if (entry.getName().matches("(META-INF/)?[^/]*(LICENSE|NOTICE)[^/]*")) {
            terms.add(
                "META-INF/terms/%s/%s"
                    .formatted(jar.getFileName(), Path.of(entry.getName()).getFileName()));
          }
        }
      }
    }
    try (ZipFile one = new ZipFile(task.resolve("lib").resolve("function.jar").toFile())) {
      Set<String> names =
          one.stream().map(ZipEntry::getName).collect(Collectors.toCollection(TreeSet::new));
      assertThat(names).containsAll(classes).hasSizeGreaterThan(1_000);
      assertThat(names).containsAll(terms);
      // The shaded parsers of two jars have terms of one name.
      assertThat(terms)
          .filteredOn(name -> name.endsWith("FastDoubleParser-LICENSE"))
          .hasSizeGreaterThan(1);
      for (Map.Entry<String, Set<String>> list : providers.entrySet()) {
        assertThat(lines(one, one.getEntry(list.getKey()))).isEqualTo(list.getValue());
      }
    }
  }

  private static List<Path> jars() throws IOException {
    try (Stream<Path> all = Files.list(FUNCTION.resolve("lib"))) {
      return all.toList();
    }
  }

  private static Set<String> lines(ZipFile file, ZipEntry entry) throws IOException {
    try (InputStream in = file.getInputStream(entry)) {
      return new String(in.readAllBytes(), UTF_8)
          .lines()
          .map(line -> line.replaceFirst("#.*", "").strip())
          .filter(line -> !line.isEmpty())
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }
}
