package tokenvending.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a build takes from outside is the same for everybody who builds. */
@Tag("T21")
final class PinnedDependenciesTest {
  private static final Path ROOT = Path.of("..");
  private static final List<String> BUILT = List.of("node_modules", "target", "cdk.out");
  private static final Pattern VERSION = Pattern.compile("<([\\w.-]*version)>([^<]*)</");

  @Test
  void no_pom_leaves_a_version_open() throws IOException {
    List<String> open = new ArrayList<>();
    for (Path pom : files("pom.xml")) {
      Matcher version = VERSION.matcher(Files.readString(pom));
      while (version.find()) {
        String text = version.group(2).strip();
        boolean rangeOfJdks = text.equals("[25,)");
        if (text.isEmpty()
            || (!rangeOfJdks && text.matches("[\\[(].*|LATEST|RELEASE|.*-SNAPSHOT"))) {
          open.add(pom + ": " + version.group());
        }
      }
    }
    assertThat(open).isEmpty();
  }

  @Test
  void libraries_with_known_holes_in_older_versions_are_new_enough() throws IOException {
    String pom = Files.readString(ROOT.resolve("pom.xml"));
    // CVE-2026-89044 and CVE-2025-53864.
    assertThat(numbers(pom, "netty.version")).isGreaterThanOrEqualTo(4_002_018L);
    assertThat(numbers(pom, "nimbus.version")).isGreaterThanOrEqualTo(10_000_002L);
  }

  @Test
  void every_npm_package_comes_over_https_with_its_checksum() throws IOException {
    List<Path> locks = files("package-lock.json");
    assertThat(locks).isNotEmpty();
    List<String> loose = new ArrayList<>();
    for (Path lock : locks) {
      for (Map.Entry<String, JsonNode> entry :
          new ObjectMapper().readTree(lock.toFile()).path("packages").properties()) {
        JsonNode made = entry.getValue();
        boolean foreign =
            entry.getKey().contains("node_modules/") && !made.path("link").asBoolean(false);
        boolean bundled = made.path("inBundle").asBoolean(false);
        if (foreign
            && !bundled
            && !(made.path("integrity").asText().startsWith("sha512-")
                && made.path("resolved").asText("https://").startsWith("https://"))) {
          loose.add(lock + ": " + entry.getKey());
        }
      }
    }
    assertThat(loose).isEmpty();
  }

  /** Does not look into folders of builds, since another build may be changing them. */
  private static List<Path> files(String name) throws IOException {
    List<Path> found = new ArrayList<>();
    Files.walkFileTree(
        ROOT,
        Set.of(),
        4,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return BUILT.stream().anyMatch(folder::endsWith)
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.endsWith(name)) {
              found.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return found;
  }

  /** 4.2.18.Final as 4_002_018. */
  private static long numbers(String pom, String property) {
    Matcher version =
        Pattern.compile("<" + property + ">(\\d+)\\.(\\d+)(?:\\.(\\d+))?").matcher(pom);
    assertThat(version.find()).isTrue();
    long patch = version.group(3) == null ? 0 : Long.parseLong(version.group(3));
    return Long.parseLong(version.group(1)) * 1_000_000
        + Long.parseLong(version.group(2)) * 1_000
        + patch;
  }
}
