package tokenvending.application;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tokenvending.configuration.SmallFile;
import tokenvending.state.BlockStore;
import tokenvending.text.Json;
import tokenvending.text.JsonObject;

/**
 * The list of blocked callers in a file of one machine: a JSON object of entries by name. It is
 * replaced as a whole, under a lock on a file beside it. The server must be able to read what an
 * operator writes as another user, so the owner, group and mode of the list stay as they are, and
 * those of a new one are its folder's.
 */
public final class FileBlockStore implements BlockStore {
  private static final Logger LOG = LoggerFactory.getLogger(FileBlockStore.class);

  private static final Set<PosixFilePermission> READABLE =
      Set.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.OTHERS_READ);

  private final Path file;
  private final AtomicBoolean unreadable = new AtomicBoolean();

  public FileBlockStore(Path file) {
    this.file = file.toAbsolutePath();
  }

  @Override
  public Reading read() {
    try {
      Reading found = new Reading.Found(entries());
      if (unreadable.getAndSet(false)) {
        LOG.info("the list of blocked callers can be read again");
      }
      return found;
    } catch (IOException e) {
      if (!unreadable.getAndSet(true)) {
        LOG.atWarn()
            .addKeyValue("file", file)
            .addKeyValue("fault", e.toString())
            .log(
                "the list of blocked callers cannot be read: who is known to be blocked stays"
                    + " blocked, and if it was never read no token is vended");
      }
      return new Reading.Unavailable();
    }
  }

  private Map<String, String> entries() throws IOException {
    byte[] content;
    try {
      content = SmallFile.read(file);
    } catch (NoSuchFileException e) {
      return Map.of();
    }
    Map<String, String> entries = new TreeMap<>();
    Json.Members members =
        Json.object(content).orElseThrow(() -> new IOException("not a JSON object"));
    for (Map.Entry<String, Json> member : members.values().entrySet()) {
      if (!(member.getValue() instanceof Json.Text(String entry))) {
        throw new IOException("not a list of blocked callers");
      }
      entries.put(member.getKey(), entry);
    }
    return entries;
  }

  @Override
  public boolean put(String name, String entry) {
    return change(entries -> entries.put(name, entry));
  }

  @Override
  public void remove(String name) {
    var _ = change(entries -> entries.remove(name));
  }

  private synchronized boolean change(Consumer<Map<String, String>> edit) {
    Path lock = file.resolveSibling(file.getFileName() + ".lock");
    Path next = file.resolveSibling(file.getFileName() + ".next");
    try (FileChannel channel = open(lock);
        var held = channel.lock()) {
      Map<String, String> entries = new TreeMap<>(entries());
      edit.accept(entries);
      JsonObject json = new JsonObject();
      entries.forEach(json::text);
      Files.write(next, json.line());
      own(next, file);
      var _ =
          Files.move(
              next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return held.isValid();
    } catch (IOException | OverlappingFileLockException e) {
      // The other exception: the list of an earlier file in this process is being written.
      return false;
    }
  }

  private static FileChannel open(Path lock) throws IOException {
    boolean exists = Files.exists(lock);
    FileChannel channel =
        FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (!exists) {
      own(lock, lock.resolveSibling(""));
    }
    return channel;
  }

  /** Gives a file the owner, group and mode of another, or else those of its folder. */
  private static void own(Path made, Path like) throws IOException {
    PosixFileAttributeView view = Files.getFileAttributeView(made, PosixFileAttributeView.class);
    if (view == null) {
      return;
    }
    boolean isNew = !Files.isRegularFile(like);
    PosixFileAttributes wanted =
        Files.readAttributes(isNew ? made.resolveSibling("") : like, PosixFileAttributes.class);
    try {
      view.setOwner(wanted.owner());
      view.setGroup(wanted.group());
    } catch (IOException e) {
      // Only root can give a file away; a new one can stay with its maker.
      if (!isNew) {
        throw e;
      }
    }
    Set<PosixFilePermission> mode = new HashSet<>(wanted.permissions());
    if (isNew) {
      mode.retainAll(READABLE);
      mode.add(PosixFilePermission.OWNER_WRITE);
    }
    view.setPermissions(mode);
  }
}
