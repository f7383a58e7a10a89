package tokenvending.infrastructure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The deployment package of the functions: the build folder of {@code lambda/} with the file as
 * {@code tvm.yaml}. Its name depends on its content.
 */
final class FunctionFolder {
  private FunctionFolder() {}

  /**
   * Assembles the folder.
   *
   * @param built the build folder of {@code lambda/}
   * @param staging the parent folder of deployment packages
   */
  static Path stage(Path built, byte[] file, Path staging) {
    if (!Files.isDirectory(built)) {
      throw new IllegalArgumentException(
          "the functions are not built: there is no folder %s: run ./tvm build aws"
              .formatted(built));
    }
    try {
      Path whole = staging.resolve(digest(built, file));
      if (Files.isDirectory(whole)) {
        return whole;
      }
      Files.createDirectories(staging);
      Path making = Files.createTempDirectory(staging, ".making-");
      copy(built, making);
      Files.write(making.resolve("tvm.yaml"), file);
      readable(making);
      try {
        return Files.move(making, whole);
      } catch (IOException e) {
        // A concurrent run can have created the same folder.
        delete(making);
        if (Files.isDirectory(whole)) {
          return whole;
        }
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the functions' code cannot be put together", e);
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static String digest(Path built, byte[] file) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(file);
      for (Path one : files(built)) {
        String name = built.relativize(one).toString();
        digest.update((name + "\0" + Files.size(one) + "\0").getBytes(StandardCharsets.UTF_8));
        digest.update(Files.readAllBytes(one));
      }
      return HexFormat.of().formatHex(digest.digest()).substring(0, 32);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    for (Path one : files(from)) {
      Path copy = to.resolve(from.relativize(one).toString());
      Files.createDirectories(copy.getParent());
      Files.copy(one, copy);
    }
  }

  /** Makes all files readable: the zip keeps permissions, and Lambda runs as another user. */
  private static void readable(Path folder) throws IOException {
    if (!folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path one : all.toList()) {
        String rights = Files.isExecutable(one) ? "rwxr-xr-x" : "rw-r--r--";
        Files.setPosixFilePermissions(one, PosixFilePermissions.fromString(rights));
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path one, @Nullable IOException fault)
              throws IOException {
            Files.deleteIfExists(one);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
