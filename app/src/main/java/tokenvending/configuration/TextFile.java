package tokenvending.configuration;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** Reads a small UTF-8 file. */
final class TextFile {
  private TextFile() {}

  /**
   * Reads a file for the first time; waits for the writer of a pipe. Empty if it cannot be read,
   * which the findings then report.
   */
  static Optional<String> read(Path file, Findings findings) {
    return read(file, findings, SmallFile::readOnce);
  }

  /** Reads a file repeatedly; never waits for a pipe. */
  static Optional<String> readAgain(Path file, Findings findings) {
    return read(file, findings, SmallFile::read);
  }

  private interface Reading {
    byte[] of(Path file) throws IOException;
  }

  private static Optional<String> read(Path file, Findings findings, Reading reading) {
    if (Files.isDirectory(file)) {
      return fault(findings, Position.WHOLE, "is a directory: expected a file");
    }
    try {
      return decode(reading.of(file), findings);
    } catch (SmallFile.Pipe e) {
      return fault(findings, Position.WHOLE, "is a pipe or a device: expected a file");
    } catch (NoSuchFileException e) {
      return fault(findings, Position.WHOLE, "there is no such file");
    } catch (AccessDeniedException e) {
      return fault(findings, Position.WHOLE, "permission denied: allow this user to read it");
    } catch (IOException e) {
      return fault(findings, Position.WHOLE, "cannot be read");
    }
  }

  static Optional<String> decode(byte[] bytes, Findings findings) {
    if (bytes.length > SmallFile.LARGEST) {
      return fault(findings, Position.WHOLE, "is larger than 1 MiB: is this the right file?");
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(in, out, true);
    if (result.isError()) {
      int line = 1;
      for (int i = 0; i < in.position(); i++) {
        line += bytes[i] == '\n' ? 1 : 0;
      }
      return fault(findings, new Position(line, 1), "is not UTF-8: save it as UTF-8");
    }
    return Optional.of(out.flip().toString());
  }

  private static Optional<String> fault(Findings findings, Position at, String message) {
    findings.error(at, "", message);
    return Optional.empty();
  }
}
