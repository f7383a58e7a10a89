package tokenvending.configuration;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads files that operators write and replace while the process runs, such that no file can take
 * the memory of the process or hold its reader forever.
 */
public final class SmallFile {
  /** No file that a person writes is larger. */
  static final int LARGEST = 1 << 20;

  /** What a process inherits, such as standard input, has its names here. */
  private static final Path DEVICES = Path.of("/dev");

  private SmallFile() {}

  /** As {@link #read(Path)}, but also from a pipe, whose writer it waits for. */
  static byte[] readOnce(Path file) throws IOException {
    return bytes(file, LARGEST + 1);
  }

  /** Reads a file, but of one that is larger than 1 MiB only one byte more than that. */
  public static byte[] read(Path file) throws IOException {
    return read(file, LARGEST + 1);
  }

  /**
   * Reads the begin of a file. The thread's interruption does not end the reading, since that would
   * look like a fault of the file.
   *
   * @param most how many bytes are read; one more than the largest that is expected
   * @throws IOException when the file cannot be read; a {@link Pipe} when it is none
   */
  static byte[] read(Path file, int most) throws IOException {
    // To open a named pipe waits for its writer.
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

  /** A named pipe, a socket or a device. */
  static final class Pipe extends IOException {
    private static final long serialVersionUID = 1L;

    Pipe(Path file) {
      super(file + " is a pipe or a device; expected a file");
    }
  }
}
