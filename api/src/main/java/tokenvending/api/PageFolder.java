package tokenvending.api;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The built demo pages, a folder for each. All files are read into memory when the first one is
 * requested, and names are looked up among them, so that no name leads outside the folder. The
 * pages can be built after the start.
 */
public final class PageFolder {
  private static final Logger LOG = LoggerFactory.getLogger(PageFolder.class);

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "svg", "image/svg+xml",
          "png", "image/png",
          "woff2", "font/woff2");

  /**
   * File names that contain a hash of the content, set by the bundler: their content never changes.
   */
  private static final Pattern HASHED =
      Pattern.compile("[^/]+/assets/[^/]+-[A-Za-z0-9_-]{8}\\.[a-z0-9]+");

  /** Content codings and the endings of their files, the best one first. */
  private static final List<Map.Entry<String, String>> CODINGS =
      List.of(Map.entry("br", ".br"), Map.entry("gzip", ".gz"));

  private final Optional<Path> folder;
  private final String missingReason;
  private final AtomicReference<Map<String, PageFile>> files = new AtomicReference<>(Map.of());

  private PageFolder(Optional<Path> folder, String missingReason) {
    this.folder = folder;
    this.missingReason = missingReason;
  }

  /**
   * A file with its headers.
   *
   * @param tag an entity tag (RFC 9110 §8.8.3), including quotes
   * @param immutable whether the content of this name never changes
   * @param compressed the content in content codings, the best one first
   */
  record PageFile(
      String type, Body body, String tag, boolean immutable, List<Compressed> compressed) {}

  /**
   * The content of a file in a content coding (RFC 9110 §8.4.1).
   *
   * @param tag another entity tag than that of the file, because the bytes differ
   */
  record Compressed(String coding, Body body, String tag) {}

  /**
   * Pages in a folder.
   *
   * @param missingReason a sentence that is shown while the folder does not exist
   */
  public static PageFolder at(Path folder, String missingReason) {
    return new PageFolder(Optional.of(folder), missingReason);
  }

  /** No pages. */
  public static PageFolder missing(String why) {
    return new PageFolder(Optional.empty(), why);
  }

  /** Whether the pages are built. */
  public boolean exists() {
    return folder.filter(Files::isDirectory).isPresent();
  }

  /** A sentence about why the pages are missing and what to do. */
  public String missingReason() {
    return missingReason;
  }

  /** Returns a file by name, such as {@code chat/index.html}. */
  Optional<PageFile> file(String name) {
    if (files.get().isEmpty() && folder.isPresent() && exists()) {
      files.set(read(folder.get()));
    }
    return Optional.ofNullable(files.get().get(name));
  }

  private static Map<String, PageFile> read(Path folder) {
    Map<String, PageFile> found = new HashMap<>();
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : (Iterable<Path>) tree.filter(Files::isRegularFile)::iterator) {
        String name = folder.relativize(path).toString().replace('\\', '/');
        String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        if (type != null) {
          byte[] bytes = Files.readAllBytes(path);
          boolean immutable = HASHED.matcher(name).matches();
          found.put(
              name, new PageFile(type, Body.of(bytes), tag(bytes), immutable, compressed(path)));
        }
      }
    } catch (IOException e) {
      LOG.atWarn().addKeyValue("reason", e.toString()).log("the demo pages cannot be read");
      return Map.of();
    }
    return Map.copyOf(found);
  }

  /** The build writes them beside the file. */
  private static List<Compressed> compressed(Path path) throws IOException {
    List<Compressed> found = new ArrayList<>();
    for (Map.Entry<String, String> coding : CODINGS) {
      Path beside = path.resolveSibling(path.getFileName() + coding.getValue());
      if (Files.isRegularFile(beside)) {
        byte[] bytes = Files.readAllBytes(beside);
        found.add(new Compressed(coding.getKey(), Body.of(bytes), tag(bytes)));
      }
    }
    return List.copyOf(found);
  }

  private static String tag(byte[] bytes) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return '"' + HexFormat.of().formatHex(digest, 0, 16) + '"';
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
