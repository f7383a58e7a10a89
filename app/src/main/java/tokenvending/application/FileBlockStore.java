package tokenvending.application;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import tokenvending.configuration.SmallFile;
import tokenvending.state.BlockStore;
import tokenvending.text.Json;
import tokenvending.text.JsonObject;

/**
 * The list of blocked callers in a file of one machine: a JSON object of entries by name. It is
 * replaced as a whole, under a lock on a file beside it.
 */
public final class FileBlockStore implements BlockStore {
  private final Path file;

  public FileBlockStore(Path file) {
    this.file = file.toAbsolutePath();
  }

  @Override
  public Reading read() {
    try {
      return new Reading.Found(entries());
    } catch (IOException e) {
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
    try (FileChannel channel =
            FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var held = channel.lock()) {
      Map<String, String> entries = new TreeMap<>(entries());
      edit.accept(entries);
      JsonObject json = new JsonObject();
      entries.forEach(json::text);
      Files.write(next, json.line());
      var _ =
          Files.move(
              next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return held.isValid();
    } catch (IOException | OverlappingFileLockException e) {
      // The other exception: the list of an earlier file in this process is being written.
      return false;
    }
  }
}
