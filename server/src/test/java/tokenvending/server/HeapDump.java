package tokenvending.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Reads a heap dump (HPROF 1.0.2 with identifiers of eight bytes) as far as a search needs it. */
final class HeapDump {
  private static final ValueLayout.OfShort U2 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt U4 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong ID =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final MemorySegment dump;
  private final Map<Long, String> texts = new HashMap<>();
  private final Map<Long, String> classes = new HashMap<>();

  private HeapDump(MemorySegment dump) {
    this.dump = dump;
  }

  /** What a walk through all objects meets. */
  private interface Visitor {
    void array(long id, int type, long from, long bytes);

    void references(long holder, String name, long from, long bytes);
  }

  /**
   * Who holds an array of bytes or characters that has a text in it: class names, each with the
   * length of the array, as often as there are such arrays.
   */
  static List<String> holders(Path file, String text) throws IOException {
    try (FileChannel channel = FileChannel.open(file);
        Arena arena = Arena.ofConfined()) {
      return new HeapDump(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena))
          .search(text);
    }
  }

  private List<String> search(String text) {
    byte[] narrow = text.getBytes(UTF_8);
    byte[] wide = text.getBytes(UTF_16BE);
    Map<Long, Long> found = new HashMap<>();
    walk(
        new Visitor() {
          @Override
          public void array(long id, int type, long from, long bytes) {
            if (bytes >= narrow.length
                && ((type == 8 && contains(from, bytes, narrow))
                    || (type == 5 && contains(from, bytes, wide)))) {
              found.put(id, bytes);
            }
          }

          @Override
          public void references(long holder, String name, long from, long bytes) {}
        });
    if (found.isEmpty()) {
      return List.of();
    }
    Map<Long, Set<String>> holders = new HashMap<>();
    found.keySet().forEach(id -> holders.put(id, new TreeSet<>()));
    walk(
        new Visitor() {
          @Override
          public void array(long id, int type, long from, long bytes) {}

          @Override
          public void references(long holder, String name, long from, long bytes) {
            for (long at = from; at + 8 <= from + bytes; at++) {
              long id = dump.get(ID, at);
              if (id != 0) {
                holders.computeIfPresent(
                    id,
                    (array, names) -> {
                      names.add(name);
                      return names;
                    });
              }
            }
          }
        });
    return found.entrySet().stream()
        .map(one -> String.join("+", holders.get(one.getKey())) + " " + one.getValue())
        .sorted()
        .toList();
  }

  private boolean contains(long from, long bytes, byte[] wanted) {
    byte[] array = dump.asSlice(from, bytes).toArray(ValueLayout.JAVA_BYTE);
    // One character for each byte, so that the search is the library's.
    return new String(array, ISO_8859_1).contains(new String(wanted, ISO_8859_1));
  }

  private void walk(Visitor visitor) {
    // After the name of the format and its zero: the size of identifiers, and a time.
    long at = 19 + 4 + 8;
    while (at < dump.byteSize()) {
      int tag = dump.get(ValueLayout.JAVA_BYTE, at) & 0xff;
      long length = dump.get(U4, at + 5) & 0xffffffffL;
      long body = at + 9;
      switch (tag) {
        case 0x01 ->
            texts.put(
                dump.get(ID, body),
                new String(
                    dump.asSlice(body + 8, length - 8).toArray(ValueLayout.JAVA_BYTE), UTF_8));
        case 0x02 ->
            classes.put(
                dump.get(ID, body + 4),
                texts.getOrDefault(dump.get(ID, body + 16), "?").replace('/', '.'));
        case 0x0c, 0x1c -> segment(body, body + length, visitor);
        default -> {}
      }
      at = body + length;
    }
  }

  private void segment(long from, long end, Visitor visitor) {
    long at = from;
    while (at < end) {
      int tag = dump.get(ValueLayout.JAVA_BYTE, at) & 0xff;
      at++;
      switch (tag) {
        case 0xff, 0x05, 0x07 -> at += 8;
        case 0x01 -> at += 16;
        case 0x04, 0x06 -> at += 12;
        case 0x02, 0x03, 0x08 -> at += 16;
        case 0x20 -> at = classDump(at, visitor);
        case 0x21 -> {
          long bytes = dump.get(U4, at + 20);
          String name = classes.getOrDefault(dump.get(ID, at + 12), "?");
          visitor.references(dump.get(ID, at), name, at + 24, bytes);
          at += 24 + bytes;
        }
        case 0x22 -> {
          long bytes = 8L * dump.get(U4, at + 12);
          String name = classes.getOrDefault(dump.get(ID, at + 16), "?");
          visitor.references(dump.get(ID, at), name, at + 24, bytes);
          at += 24 + bytes;
        }
        case 0x23 -> {
          int type = dump.get(ValueLayout.JAVA_BYTE, at + 16);
          long bytes = (long) dump.get(U4, at + 12) * size(type);
          visitor.array(dump.get(ID, at), type, at + 17, bytes);
          at += 17 + bytes;
        }
        default -> throw new AssertionError("unknown record " + tag);
      }
    }
  }

  private long classDump(long from, Visitor visitor) {
    String name = classes.getOrDefault(dump.get(ID, from), "?");
    long at = from + 8 + 4 + 6 * 8 + 4;
    int constants = dump.get(U2, at) & 0xffff;
    at += 2;
    for (int i = 0; i < constants; i++) {
      at += 3 + size(dump.get(ValueLayout.JAVA_BYTE, at + 2));
    }
    int statics = dump.get(U2, at) & 0xffff;
    at += 2;
    for (int i = 0; i < statics; i++) {
      int type = dump.get(ValueLayout.JAVA_BYTE, at + 8);
      if (type == 2) {
        visitor.references(dump.get(ID, from), name, at + 9, 8);
      }
      at += 9 + size(type);
    }
    int fields = dump.get(U2, at) & 0xffff;
    return at + 2 + 9L * fields;
  }

  private static int size(int type) {
    return switch (type) {
      case 2, 7, 11 -> 8;
      case 4, 8 -> 1;
      case 5, 9 -> 2;
      case 6, 10 -> 4;
      default -> throw new AssertionError("unknown type " + type);
    };
  }
}
