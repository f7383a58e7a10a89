package tokenvending.infrastructure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;

/**
 * The finished zip of the functions with a Java of their own, and the file as {@code tvm.yaml} in
 * it. A zip and not a folder: the CDK would give the files of a folder another time, and the JVM
 * would leave its cache aside without a word. Its name follows from its content.
 */
final class FunctionZip {
  private static final Instant TIME = Instant.parse("2026-01-01T00:00:00Z");

  private FunctionZip() {}

  /**
   * Puts both together.
   *
   * @param built what {@code own-runtime/} made
   * @param staging where such zips are kept
   */
  static Path stage(Path built, byte[] file, Path staging) {
    if (!Files.isRegularFile(built)) {
      throw new IllegalArgumentException(
          "the functions are not built with a runtime of their own: there is no zip %s;"
                  .formatted(built)
              + " ./tvm build aws own makes it");
    }
    try {
      Path whole = staging.resolve(digest(built, file) + ".zip");
      if (Files.isRegularFile(whole)) {
        return whole;
      }
      Files.createDirectories(staging);
      Path making = Files.createTempFile(staging, ".making-", ".zip");
      Files.copy(built, making, StandardCopyOption.REPLACE_EXISTING);
      try (FileSystem inside =
          FileSystems.newFileSystem(making, Map.of("enablePosixFileAttributes", true))) {
        Path added = inside.getPath("/tvm.yaml");
        Files.write(added, file);
        Files.setPosixFilePermissions(added, PosixFilePermissions.fromString("rw-r--r--"));
        Files.setLastModifiedTime(added, FileTime.from(TIME));
      }
      return Files.move(making, whole, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("the functions' code cannot be put together", e);
    }
  }

  private static String digest(Path built, byte[] file) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(file);
      digest.update(Files.readAllBytes(built));
      return HexFormat.of().formatHex(digest.digest()).substring(0, 32);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
