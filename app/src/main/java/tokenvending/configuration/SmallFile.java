package tokenvending.configuration;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads files that can be replaced at any time, without using more than a fixed amount of memory or
 * blocking forever.
 */
public final class SmallFile {
  /** The largest file, in bytes. */
  static final int LARGEST = 1 << 20;

  /** The folder of inherited streams, such as standard input. */
  private static final Path DEVICES = Path.of("/dev");

  private SmallFile() {}

  /** Like {@link #read(Path)}, but also waits for the writer of a pipe. */
  static byte[] readOnce(Path file) throws IOException {
    return bytes(file, LARGEST + 1);
  }

  /** Reads a file; of one larger than 1 MiB, only one byte more than that. */
  public static byte[] read(Path file) throws IOException {
    return read(file, LARGEST + 1);
  }

  /**
   * Reads the beginning of a file. An interrupt does not end the read, because that would look like
   * a fault of the file.
   *
   * @param most the most bytes to read; one more than the largest expected file
   * @throws IOException if the file cannot be read; a {@link Pipe} if it is not a regular file
   */
  static byte[] read(Path file, int most) throws IOException {
    // Opening a named pipe waits for its writer.
    if (!file.startsWith(DEVICES)
        && Files.exists(file)
        && !Files.isRegularFile(file)
        && !Files.isDirectory(file)) {
      throw new Pipe(file);
    }
    boolean interrupted = false;
    try {
      while (true) {
        interrupted |= Thread.interrupted();
        try {
          return bytes(file, most);
        } catch (ClosedByInterruptException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static byte[] bytes(Path file, int most) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(most);
    }
  }

  /** The path is a named pipe, a socket or a device. */
  static final class Pipe extends IOException {
    private static final long serialVersionUID = 1L;

    Pipe(Path file) {
      super(file + " is a pipe or a device: expected a file");
    }
  }
}
