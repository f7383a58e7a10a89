package tokenvending.server.lifecycle;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tokenvending.api.PageFolder;
import tokenvending.configuration.ConfigurationFile;
import tokenvending.configuration.ConfigurationReader;
import tokenvending.configuration.ConfigurationResult.Read;
import tokenvending.testing.Golden;

final class BannerTest {
  private static String banner(ConfigurationFile file, boolean local) {
    if (!(ConfigurationReader.read(file) instanceof Read read)) {
      throw new AssertionError(file);
    }
    StringWriter out = new StringWriter();
    Banner.print(
        new PrintWriter(out),
        file,
        read.configuration(),
        PageFolder.missing(ServerProcess.NO_PAGES),
        local,
        "http://127.0.0.1:8080",
        Optional.of(8081).filter(port -> local));
    return out.toString();
  }

  @Test
  void banner_is_the_reviewed_one() throws IOException {
    Path example = Path.of("..", "examples", "password.yaml");

    Golden.check(
        "banner.txt",
        banner(new ConfigurationFile.BuiltIn(Path.of("")), true)
            + "\n"
            + banner(new ConfigurationFile.Written(example), false));
  }
}
