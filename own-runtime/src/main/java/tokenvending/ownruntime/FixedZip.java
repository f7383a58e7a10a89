package tokenvending.ownruntime;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/**
 * A zip in which every file has the same time and its rights, as the JVM wants it, which takes a
 * cache for jars of one very time only. That time stands there twice: in the old form, which says
 * no zone, as UTC, which is Lambda's; and in seconds since 1970, for whoever unpacks elsewhere. The
 * JDK's own writer knows neither rights nor a zone but this machine's.
 */
final class FixedZip {
  /** On a whole minute, and after 1980, where the old form begins. */
  static final Instant TIME = Instant.parse("2026-01-01T00:00:00Z");

  private static final int DOS_DATE = ((2026 - 1980) << 9) | (1 << 5) | 1;
  private static final short NEEDED = 20;
  private static final short MADE_BY_UNIX = (3 << 8) | NEEDED;
  private static final short UTF_8_NAMES = 1 << 11;
  private static final short DEFLATED = 8;
  private static final int REGULAR = 0100000;

  /** The length of the extended timestamp. */
  private static final int EXTRA = 9;

  private FixedZip() {}

  private record Written(String name, int crc, int packed, int size, int rights, int at) {}

  /** Packs all files of a folder, sorted by name. */
  static void write(Path folder, Path zip) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files = all.filter(one -> Files.isRegularFile(one)).sorted().toList();
    }
    List<Written> written = new ArrayList<>();
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(zip), 1 << 16)) {
      int at = 0;
      for (Path file : files) {
        byte[] content = Files.readAllBytes(file);
        byte[] packed = deflated(content);
        CRC32 crc = new CRC32();
        crc.update(content);
        String name = folder.relativize(file).toString();
        int rights = Files.isExecutable(file) ? 0755 : 0644;
        Written one =
            new Written(name, (int) crc.getValue(), packed.length, content.length, rights, at);
        byte[] head = local(one);
        out.write(head);
        out.write(packed);
        at = Math.addExact(at, head.length + packed.length);
        written.add(one);
      }
      int length = 0;
      for (Written one : written) {
        byte[] entry = central(one);
        out.write(entry);
        length += entry.length;
      }
      byte[] end = new byte[22];
      over(end)
          .putInt(0x06054b50)
          .putInt(0)
          .putShort((short) written.size())
          .putShort((short) written.size())
          .putInt(length)
          .putInt(at);
      out.write(end);
    }
  }

  private static byte[] deflated(byte[] content) throws IOException {
    Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    try {
      ByteArrayOutputStream packed = new ByteArrayOutputStream(content.length / 2 + 64);
      try (DeflaterOutputStream out = new DeflaterOutputStream(packed, deflater, 1 << 16)) {
        out.write(content);
      }
      return packed.toByteArray();
    } finally {
      deflater.end();
    }
  }

  private static ByteBuffer over(byte[] record) {
    return ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** What both records of a file have in common. */
  private static void common(ByteBuffer to, Written one, byte[] name) {
    to.putShort(NEEDED)
        .putShort(UTF_8_NAMES)
        .putShort(DEFLATED)
        .putShort((short) 0)
        .putShort((short) DOS_DATE)
        .putInt(one.crc())
        .putInt(one.packed())
        .putInt(one.size())
        .putShort((short) name.length)
        .putShort((short) EXTRA);
  }

  /** Info-ZIP's extended timestamp: its last change, in seconds since 1970. */
  private static void extendedTime(ByteBuffer to) {
    to.putShort((short) 0x5455)
        .putShort((short) 5)
        .put((byte) 1)
        .putInt((int) TIME.getEpochSecond());
  }

  private static byte[] local(Written one) {
    byte[] name = one.name().getBytes(UTF_8);
    byte[] record = new byte[30 + name.length + EXTRA];
    ByteBuffer head = over(record).putInt(0x04034b50);
    common(head, one, name);
    head.put(name);
    extendedTime(head);
    return record;
  }

  private static byte[] central(Written one) {
    byte[] name = one.name().getBytes(UTF_8);
    byte[] record = new byte[46 + name.length + EXTRA];
    ByteBuffer head = over(record).putInt(0x02014b50).putShort(MADE_BY_UNIX);
    common(head, one, name);
    head.putShort((short) 0)
        .putShort((short) 0)
        .putShort((short) 0)
        .putInt((REGULAR | one.rights()) << 16)
        .putInt(one.at())
        .put(name);
    extendedTime(head);
    return record;
  }

  /** Unpacks it as Lambda does: with its rights and times. */
  static void extract(Path zip, Path folder) throws IOException {
    try (FileSystem inside =
        FileSystems.newFileSystem(zip, Map.of("enablePosixFileAttributes", true))) {
      List<Path> files;
      try (Stream<Path> all = Files.walk(inside.getPath("/"))) {
        files = all.filter(one -> Files.isRegularFile(one)).toList();
      }
      for (Path file : files) {
        Path to = folder.resolve(file.toString().substring(1)).normalize();
        if (!to.startsWith(folder)) {
          throw new IOException("not a name for a file: " + file);
        }
        Files.createDirectories(to.getParent());
        Files.copy(file, to);
        Files.setPosixFilePermissions(to, Files.getPosixFilePermissions(file));
        Files.setLastModifiedTime(to, Files.getLastModifiedTime(file));
      }
    }
  }
}
