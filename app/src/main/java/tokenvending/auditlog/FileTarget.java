package tokenvending.auditlog;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends lines to a file. A line counts as written when the operating system has accepted it, so
 * it survives this process but not a power failure. A file that was renamed or removed is closed,
 * and a new one is created. An incomplete line at the end of a file, after a full disk or a crash,
 * is removed.
 */
final class FileTarget implements AuditTarget {
  /** The most attempts to open a file that is renamed at the same time. */
  private static final int ATTEMPTS = 10;

  /** The beginning of every line. Other incomplete text is not from this program and is kept. */
  private static final byte[] BEGIN = "{\"time\":\"".getBytes(US_ASCII);

  /** The longest line, in bytes. */
  private static final int LONGEST_LINE = 1024 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(FileTarget.class);

  private final Path file;
  private Optional<OpenFile> open = Optional.empty();

  /** Creates a target. The first write opens or creates the file, whose folder must exist. */
  FileTarget(Path file) {
    this.file = file.toAbsolutePath();
  }

  /**
   * The open file.
   *
   * @param key identifies the file, independent of its name
   */
  private record OpenFile(FileChannel channel, Object key) {}

  @Override
  public String name() {
    return file.toString();
  }

  @Override
  public void write(ByteBuffer lines) throws IOException {
    try {
      Channels.write(current(), lines);
    } catch (IOException e) {
      // The next call opens it again. The incomplete line is removed now, so that the file is
      // readable during an outage.
      if (open.isPresent()) {
        close();
        repairQuietly();
      }
      throw e;
    }
  }

  private FileChannel current() throws IOException {
    if (open.isPresent()) {
      if (key().filter(open.get().key()::equals).isPresent()) {
        return open.get().channel();
      }
      close();
    }
    for (int i = 0; i < ATTEMPTS; i++) {
      create();
      Optional<Object> before = key();
      if (before.isEmpty()) {
        continue;
      }
      FileChannel channel;
      try {
        boolean torn = !repaired();
        // Appends, so that a file truncated by another program gets no hole.
        channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
        open = Optional.of(new OpenFile(channel, before.get()));
        if (torn) {
          Channels.write(channel, ByteBuffer.wrap(new byte[] {'\n'}));
        }
      } catch (NoSuchFileException e) {
        continue;
      }
      if (key().equals(before)) {
        return channel;
      }
      close();
    }
    throw new IOException("the file was renamed repeatedly");
  }

  private void create() throws IOException {
    if (Files.exists(file)) {
      return;
    }
    try {
      if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        FileAttribute<?> ownerOnly =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        Files.createFile(file, ownerOnly);
      } else {
        Files.createFile(file);
      }
    } catch (FileAlreadyExistsException e) {
      // Another process created it first.
    }
  }

  /** Returns the key of the file that has this name; empty if there is none. */
  private Optional<Object> key() throws IOException {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      // Without a key from the file system, renames are not noticed.
      return Optional.of(Optional.<Object>ofNullable(attributes.fileKey()).orElse(file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private void repairQuietly() {
    try {
      var _ = repaired();
    } catch (IOException e) {
      // Retried when the file is opened.
    }
  }

  /**
   * Removes an incomplete line from the end of the file.
   *
   * @return whether the file now ends with a complete line
   */
  private boolean repaired() throws IOException {
    if (!Files.isRegularFile(file)) {
      return true;
    }
    if (!Files.isReadable(file)) {
      return Files.size(file) == 0;
    }
    long begin;
    try (FileChannel content = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = content.size();
      begin = beginOfTornLine(content, size);
      if (begin == size) {
        return true;
      }
      byte[] first = read(content, begin, (int) Math.min(BEGIN.length, size - begin));
      if (begin < 0 || !new String(BEGIN, US_ASCII).startsWith(new String(first, US_ASCII))) {
        return false;
      }
    }
    return truncated(begin);
  }

  private boolean truncated(long size) {
    try (FileChannel content = FileChannel.open(file, StandardOpenOption.WRITE)) {
      long removed = content.size() - size;
      content.truncate(size);
      LOG.atWarn()
          .addKeyValue("file", file)
          .addKeyValue("bytes", removed)
          .log("an incomplete line was removed from the end of the audit log");
      return true;
    } catch (IOException e) {
      // The file's owner made it append-only.
      return false;
    }
  }

  /** Returns the start of the text after the last newline; -1 if it is too long to be a line. */
  private static long beginOfTornLine(FileChannel content, long size) throws IOException {
    long end = size;
    while (end > 0 && size - end < LONGEST_LINE) {
      int length = (int) Math.min(8192, end);
      byte[] block = read(content, end - length, length);
      for (int i = block.length - 1; i >= 0; i--) {
        if (block[i] == '\n') {
          return end - length + i + 1;
        }
      }
      end -= length;
    }
    return end == 0 ? 0 : -1;
  }

  private static byte[] read(FileChannel content, long from, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining() && content.read(bytes, from + bytes.position()) >= 0) {}
    return bytes.array();
  }

  @Override
  public void close() {
    if (open.isPresent()) {
      try {
        open.get().channel().close();
      } catch (IOException e) {
        // Every line in it was accepted by the operating system.
      }
      open = Optional.empty();
    }
  }
}
