package tokenvending.ownruntime;

import java.io.IOException;
import java.nio.file.Path;

/**
 * {@code pack FUNCTION WORK} makes the zip of the functions with a runtime of their own, for the
 * processor and from the Java of this machine: out of the folder that the build of {@code lambda/}
 * left, in a folder to work in, as {@code function.zip}. {@code unpack ZIP FOLDER} unpacks one as
 * Lambda does.
 */
public final class Main {
  private Main() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    String command = args.length == 3 ? args[0] : "";
    switch (command) {
      case "pack" -> {
        if (!System.getProperty("os.name").equals("Linux")) {
          System.err.println("a Java for Lambda can only be packed on Linux");
          System.exit(1);
        }
        var _ = new Packing(Path.of(args[1]), Path.of(args[2]).toAbsolutePath()).pack();
      }
      case "unpack" -> FixedZip.extract(Path.of(args[1]), Path.of(args[2]).toAbsolutePath());
      default -> {
        System.err.println("expected: pack FUNCTION WORK, or unpack ZIP FOLDER");
        System.exit(2);
      }
    }
    // Armeria's threads would have this wait.
    System.exit(0);
  }
}
