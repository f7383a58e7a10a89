package tokenvending.story;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java SDK's AuthClient can leave neither TLS nor port 443: it is met there. */
final class AuthClientTest {

  private static final String ENDPOINT = "story.localhost";

  @Test
  void the_published_AuthClient_through_TLS_443_gets_a_token_that_makes_working_cache_calls(
      @TempDir Path folder) throws IOException, InterruptedException, GeneralSecurityException {
    try (Machine local = Machine.local("--endpoint", ENDPOINT);
        SecureEntrance entrance = SecureEntrance.to(local.uri())) {
      Path printed = folder.resolve("printed.txt");
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(entrance.jvmOptions());
      command.add("--enable-native-access=ALL-UNNAMED");
      command.add("--sun-misc-unsafe-memory-access=allow");
      command.add("-cp");
      command.add(
          System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
      command.add(AuthClientProgram.class.getName());
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectOutput(printed.toFile())
              .redirectError(ProcessBuilder.Redirect.INHERIT);
      builder.environment().put(AuthClientProgram.API_KEY, local.apiKey());
      Process program = builder.start();
      boolean ended = program.waitFor(60, TimeUnit.SECONDS);
      program.destroyForcibly();
      String output = Files.readString(printed);

      assertThat(ended).as(output).isTrue();
      assertThat(output.lines())
          .containsExactly("endpoint: " + ENDPOINT, "set: Success", "get: Hit", "other: Error");
      assertThat(entrance.asked())
          .contains("token." + ENDPOINT + ":443", "cache." + ENDPOINT + ":443");
    }
  }
}
