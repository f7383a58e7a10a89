import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Collections;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Copies jars without compressing their files: the archive that contains the jars compresses all of
 * them together, which takes a third less space. Leaves out the web pages of Armeria's
 * documentation service, which the server does not have.
 *
 * <pre>java StoreJars.java FROM TO NAME…</pre>
 */
final class StoreJars {
  private static final String UNUSED = "com/linecorp/armeria/server/docs/";

  private static final LocalDateTime TIME = LocalDateTime.of(2020, 1, 1, 0, 0);

  private StoreJars() {}

  public static void main(String[] args) throws IOException {
    for (String name : List.of(args).subList(2, args.length)) {
      store(Path.of(args[0], name), Path.of(args[1], name));
    }
  }

  private static void store(Path from, Path to) throws IOException {
    try (ZipFile in = new ZipFile(from.toFile());
        ZipOutputStream out =
            new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(to)))) {
      for (ZipEntry entry : Collections.list(in.entries())) {
        if (entry.getName().startsWith(UNUSED) && !entry.getName().endsWith(".class")) {
          continue;
        }
        ZipEntry copy = new ZipEntry(entry.getName());
        copy.setTimeLocal(TIME);
        copy.setMethod(ZipEntry.STORED);
        copy.setSize(entry.getSize());
        copy.setCrc(entry.getCrc());
        out.putNextEntry(copy);
        in.getInputStream(entry).transferTo(out);
        out.closeEntry();
      }
    }
  }
}
