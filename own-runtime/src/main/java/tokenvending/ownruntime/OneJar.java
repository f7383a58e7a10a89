package tokenvending.ownruntime;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;

/**
 * Many jars in one, since whoever looks for a service provider opens every jar there is, and a
 * start looks for several. Of two files of one name the first is taken, as from a class path; lists
 * of service providers are put together. Stored and not packed, which the zip around it does once.
 */
final class OneJar {
  private static final Pattern SERVICES = Pattern.compile("META-INF/services/[^/]+");

  /** Names modules, signs what is no longer signed, or is another jar's. */
  private static final Pattern LEFT_OUT =
      Pattern.compile(
          "(.*/)?module-info\\.class|META-INF/(MANIFEST\\.MF|INDEX\\.LIST|maven/.*|[^/]+\\.(SF|RSA|DSA|EC))");

  /** What is said of the terms, which each jar says under the same names. */
  private static final Pattern TERMS =
      Pattern.compile(
          "(META-INF/)?[^/]*(LICENSE|NOTICE|DEPENDENCIES|COPYRIGHT)[^/]*(?<!\\.class)",
          Pattern.CASE_INSENSITIVE);

  private OneJar() {}

  /** Puts jars together, in the order of a class path. */
  static void write(List<Path> jars, Path to) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    for (Path jar : jars) {
      try (JarFile in = new JarFile(jar.toFile())) {
        for (JarEntry entry : in.stream().filter(one -> !one.isDirectory()).toList()) {
          add(files, jar, entry.getName(), in.getInputStream(entry).readAllBytes());
        }
      }
    }
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().putValue("Manifest-Version", "1.0");
    manifest.getMainAttributes().putValue("Multi-Release", "true");
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    manifest.write(text);
    try (JarOutputStream out =
        new JarOutputStream(new BufferedOutputStream(Files.newOutputStream(to), 1 << 16))) {
      put(out, JarFile.MANIFEST_NAME, text.toByteArray());
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        put(out, file.getKey(), file.getValue());
      }
    }
  }

  private static void add(Map<String, byte[]> files, Path jar, String name, byte[] content) {
    if (LEFT_OUT.matcher(name).matches()) {
      return;
    }
    if (TERMS.matcher(name).matches()) {
      files.put(
          "META-INF/terms/" + jar.getFileName() + "/" + name.replaceFirst("^META-INF/", ""),
          content);
    } else if (SERVICES.matcher(name).matches()) {
      files.merge(name, content, OneJar::lines);
    } else {
      files.putIfAbsent(name, content);
    }
  }

  private static byte[] lines(byte[] one, byte[] other) {
    return (new String(one, UTF_8) + "\n" + new String(other, UTF_8)).getBytes(UTF_8);
  }

  private static void put(JarOutputStream out, String name, byte[] content) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    CRC32 crc = new CRC32();
    crc.update(content);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(crc.getValue());
    // The same jar from the same jars, whenever.
    entry.setTimeLocal(LocalDateTime.ofInstant(FixedZip.TIME, ZoneOffset.UTC));
    out.putNextEntry(entry);
    out.write(content);
    out.closeEntry();
  }
}
