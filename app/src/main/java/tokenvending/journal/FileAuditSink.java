package tokenvending.journal;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tokenvending.audit.AuditEvent;
import tokenvending.audit.AuditSink;

/**
 * Appends each record to a file, as one line handed to the operating system before it counts as
 * recorded: so it outlives this process, though not a loss of power. A file that is renamed or
 * removed is let go, and a new one begun. What cannot be written is reported as not recorded, and
 * the next record is tried afresh. A line that a full disk or a crash tore is ended before the next
 * one begins.
 */
public final class FileAuditSink implements AuditSink, AutoCloseable {
  /** A file can be renamed while it is opened; not so often in a row. */
  private static final int ATTEMPTS = 10;

  private static final Logger LOG = LoggerFactory.getLogger(FileAuditSink.class);

  private final Path file;
  private final ReentrantLock writing = new ReentrantLock();
  private Optional<OpenFile> open = Optional.empty();
  private boolean failing;
  private boolean closed;

  /** Neither opens nor makes the file: the first record does. Its folder must be there. */
  public FileAuditSink(Path file) {
    this.file = file.toAbsolutePath();
  }

  /**
   * The file being written.
   *
   * @param key what the file system knows it by, whatever its name
   * @param torn whether it ends in the middle of a line
   */
  private record OpenFile(OutputStream out, Object key, boolean torn) {}

  @Override
  public boolean record(AuditEvent event) {
    byte[] line = JsonLines.encode(event);
    writing.lock();
    try {
      if (closed) {
        return false;
      }
      OpenFile current = current();
      current.out().write(current.torn() ? Lines.onALineOfItsOwn(line) : line);
      if (current.torn()) {
        open = Optional.of(new OpenFile(current.out(), current.key(), false));
      }
      recovered();
      return true;
    } catch (IOException e) {
      // Opened anew for the next record, which looks how this one ended.
      letGo();
      failed(e);
      return false;
    } finally {
      writing.unlock();
    }
  }

  private OpenFile current() throws IOException {
    if (open.isPresent()) {
      if (key().filter(open.get().key()::equals).isPresent()) {
        return open.get();
      }
      letGo();
    }
    for (int i = 0; i < ATTEMPTS; i++) {
      make();
      Optional<Object> before = key();
      if (before.isEmpty()) {
        continue;
      }
      OutputStream out;
      try {
        // Appending, so that a file that is cut short from outside gets no hole. Streams, here and
        // below, because a channel is closed by an interrupt of whoever uses it.
        out = Files.newOutputStream(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
      } catch (NoSuchFileException e) {
        continue;
      }
      OpenFile opened = new OpenFile(out, before.get(), endsInTheMiddle());
      open = Optional.of(opened);
      if (key().equals(before)) {
        return opened;
      }
      letGo();
    }
    throw new IOException("the file is renamed again and again");
  }

  private void make() throws IOException {
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
      // Somebody was quicker, which is as good.
    }
  }

  /** What the file of our name is known by; empty when there is none. */
  private Optional<Object> key() throws IOException {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      // Where the file system has no such key, a rename goes unnoticed.
      return Optional.of(Optional.<Object>ofNullable(attributes.fileKey()).orElse(file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private boolean endsInTheMiddle() throws IOException {
    if (!Files.isRegularFile(file)) {
      return false;
    }
    try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "r")) {
      if (content.length() == 0) {
        return false;
      }
      content.seek(content.length() - 1);
      return content.read() != '\n';
    }
  }

  private void letGo() {
    if (open.isPresent()) {
      try {
        open.get().out().close();
      } catch (IOException e) {
        // Every line in it was handed over when it was written.
      }
      open = Optional.empty();
    }
  }

  /** Told once for each outage: every request of it fails alike. */
  private void failed(IOException reason) {
    if (!failing) {
      failing = true;
      LOG.atError()
          .addKeyValue("file", file)
          .addKeyValue("reason", reason.toString())
          .log("audit records cannot be written, so no token is vended");
    }
  }

  private void recovered() {
    if (failing) {
      failing = false;
      LOG.atInfo().addKeyValue("file", file).log("audit records are written again");
    }
  }

  /** Ends; what comes later is not recorded. */
  @Override
  public void close() {
    writing.lock();
    try {
      closed = true;
      letGo();
    } finally {
      writing.unlock();
    }
  }
}
