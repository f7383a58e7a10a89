package tokenvending.server.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PublishSubscribe, cache: chat, topic: room         | /topics/chat/room'",
        "PublishSubscribe, cache: all, topic: {prefix: room-} | /topics/default-cache/room-hello'",
        "SubscribeOnly, cache: chat, topic: room            | ''",
        "ReadWrite, cache: chat, item: all                  | ''",
        "PublishSubscribe, cache: chat, topic: 'a room'     | ''"
      })
  void a_sample_is_of_a_topic_that_the_rules_permit(
      String permission, String sample, @TempDir Path folder) throws IOException {
    Path file = folder.resolve("tvm.yaml");
    Files.writeString(
        file,
        """
        authentication: [open: {}]
        rules: [{ id: all, permissions: [{ role: %s }] }]
        """
            .formatted(permission));
    String banner = banner(new ConfigurationFile.Written(file), true);
    if (sample.isEmpty()) {
      assertThat(banner).contains("Get a token:").doesNotContain("/topics/", "publish(");
    } else {
      assertThat(banner).contains(sample + " -d hello");
    }
  }
}
