package tokenvending.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.configuration.ConfigurationSearch.Result;

/** The built-in policy never takes the place of a file that could be there. */
@Tag("T19")
final class ConfigurationSearchTest {
  private static final Map<String, String> LOCAL = Map.of();
  private static final Map<String, String> KEY = Map.of("MOMENTO_API_KEY", "a key");

  @TempDir Path folder;

  private Result find(Map<String, String> environment) {
    return ConfigurationSearch.find(Optional.empty(), folder, environment);
  }

  private Result find(String asked) {
    return ConfigurationSearch.find(Optional.of(Path.of(asked)), folder, KEY);
  }

  private Result written(String name) {
    return new Result.Found(new ConfigurationFile.Written(folder.resolve(name)));
  }

  private Result builtIn() {
    return new Result.Found(new ConfigurationFile.BuiltIn(folder));
  }

  private static String message(Result result) {
    return result instanceof Result.NotFound(String message) ? message : "found: " + result;
  }

  @Test
  void file_that_was_asked_for_is_never_replaced_by_another() throws IOException {
    Files.writeString(folder.resolve("tvm.yaml"), GoodFileTest.SMALLEST);

    assertThat(find(KEY)).isEqualTo(written("tvm.yaml"));
    assertThat(find("other.yaml")).isEqualTo(written("other.yaml"));
    assertThat(ConfigurationReader.read(folder.resolve("other.yaml")))
        .isInstanceOfSatisfying(
            ConfigurationResult.Unusable.class,
            unusable ->
                assertThat(unusable.problems())
                    .extracting(ConfigurationProblem::message)
                    .containsExactly("there is no such file"));
  }

  @Test
  void without_a_file_the_built_in_one_is_for_local_use() {
    assertThat(find(LOCAL)).isEqualTo(builtIn());
    assertThat(find(Map.of("MOMENTO_API_KEY", " "))).isEqualTo(builtIn());
  }

  @Test
  void with_an_api_key_no_file_is_an_error_that_says_what_to_write() {
    assertThat(message(find(KEY)))
        .startsWith("there is no tvm.yaml in " + folder)
        .contains("docs/configuration.md")
        .contains("--config FILE")
        .contains("--config default");
  }

  @Test
  void built_in_file_can_be_named() throws IOException {
    assertThat(find("default")).isEqualTo(builtIn());

    Files.writeString(folder.resolve("default"), GoodFileTest.SMALLEST);
    assertThat(message(find("default"))).contains("--config ./default");
    assertThat(find("./default")).isEqualTo(written("./default"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tvm.yml",
        "TVM.yaml",
        "Tvm.YML",
        ".tvm.yaml",
        "tvm.yaml.txt",
        "tvm.yalm",
        "tvm.json"
      })
  void similar_name_is_an_error_also_in_local_use(String name) throws IOException {
    Files.writeString(folder.resolve(name), GoodFileTest.SMALLEST);

    for (Map<String, String> environment : List.of(LOCAL, KEY)) {
      assertThat(message(find(environment))).contains("there is " + name + ": rename it");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tvm.schema.json", "tvm", "team.yaml", "tvm.yaml.example", "vm.yaml"})
  void other_names_are_not_in_the_way(String name) throws IOException {
    Files.writeString(folder.resolve(name), "");

    assertThat(find(LOCAL)).isEqualTo(builtIn());
  }

  @Test
  void whatever_is_called_so_is_the_file() throws IOException {
    Files.createSymbolicLink(folder.resolve("tvm.yaml"), Path.of("nowhere"));
    assertThat(find(LOCAL)).isEqualTo(written("tvm.yaml"));
    Files.delete(folder.resolve("tvm.yaml"));

    Files.createSymbolicLink(folder.resolve("tvm.yaml"), Path.of("tvm.yaml"));
    assertThat(find(LOCAL)).isEqualTo(written("tvm.yaml"));
    Files.delete(folder.resolve("tvm.yaml"));

    Files.createDirectory(folder.resolve("tvm.yaml"));
    assertThat(find(LOCAL)).isEqualTo(written("tvm.yaml"));
    assertThat(ConfigurationReader.read(folder.resolve("tvm.yaml")))
        .isInstanceOf(ConfigurationResult.Unusable.class);
  }

  /** What a folder without search permission and one that the JVM cannot name have in common. */
  @Test
  void folder_that_cannot_be_looked_into_is_an_error_also_in_local_use() throws IOException {
    Path gone = folder.resolve("S??ren");
    assertThat(message(ConfigurationSearch.find(Optional.empty(), gone, LOCAL)))
        .startsWith(gone + " cannot be listed");

    Path file = Files.writeString(folder.resolve("file"), "");
    assertThat(message(ConfigurationSearch.find(Optional.empty(), file, LOCAL)))
        .startsWith(file + " cannot be listed");

    // Unlike missing permission, a path that is too long stops root as well.
    Path tooLong = folder.resolve("a".repeat(300));
    assertThat(ConfigurationSearch.find(Optional.empty(), tooLong, LOCAL))
        .isEqualTo(new Result.Found(new ConfigurationFile.Written(tooLong.resolve("tvm.yaml"))));
  }
}
