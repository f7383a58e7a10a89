package tokenvending.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tokenvending.application.CaseRun;
import tokenvending.configuration.PolicyCase.Expected;

final class ExamplesTest {
  /** Tests run in the folder of their module. */
  static final Path FOLDER = Path.of("..", "examples");

  private static final String CASES = ".cases.yaml";
  private static final Path USERS = FOLDER.resolve("users.yaml");

  static List<Path> examples() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .filter(file -> file.toString().endsWith(".yaml") && !file.equals(USERS))
          .filter(file -> !file.toString().endsWith(CASES))
          .sorted()
          .toList();
    }
  }

  @Test
  void there_is_one_for_each_way_in() throws IOException {
    assertThat(examples())
        .extracting(file -> file.getFileName().toString())
        .containsExactly(
            "auth0.yaml",
            "aws.yaml",
            "chat-rooms.yaml",
            "clerk.yaml",
            "cognito.yaml",
            "entra-id.yaml",
            "guests.yaml",
            "keycloak.yaml",
            "oidc.yaml",
            "okta.yaml",
            "open.yaml",
            "password.yaml",
            "supabase.yaml");
  }

  @ParameterizedTest
  @MethodSource("examples")
  void every_example_is_good_and_sets_limits(Path example) {
    ConfigurationResult.Read read = Good.read(ConfigurationReader.read(example));

    assertThat(read.configuration().limits().perCaller()).isPresent();
    assertThat(read.configuration().limits().perAddress()).isPresent();
  }

  /** Cases that only show what is granted would pass where everything is. */
  @ParameterizedTest
  @MethodSource("examples")
  @Tag("T19")
  void every_example_does_what_its_cases_say_and_refuses_too(Path example) {
    Configuration configuration = Good.read(ConfigurationReader.read(example)).configuration();
    String name = example.getFileName().toString().replace(".yaml", CASES);
    List<PolicyCase> cases =
        switch (PolicyCasesReader.read(FOLDER.resolve(name))) {
          case PolicyCasesResult.Read(List<PolicyCase> read) -> read;
          case PolicyCasesResult.Unusable(List<ConfigurationProblem> problems) ->
              throw new AssertionError(problems);
        };

    for (PolicyCase one : cases) {
      assertThat(CaseRun.surprise(one, configuration, Instant.EPOCH)).as(one.name()).isEmpty();
    }
    assertThat(cases).extracting(PolicyCase::name).doesNotHaveDuplicates();
    assertThat(cases)
        .filteredOn(one -> one.expected() instanceof Expected.Granted)
        .hasSizeGreaterThan(1);
    assertThat(cases)
        .filteredOn(one -> one.expected() instanceof Expected.Refused)
        .hasSizeGreaterThan(2);
  }

  @Test
  void the_users_of_the_password_example_stand_next_to_it() {
    Configuration configuration =
        Good.read(ConfigurationReader.read(FOLDER.resolve("password.yaml"))).configuration();

    assertThat(configuration.authentication())
        .containsExactly(
            new AuthenticationSettings.Password(
                new SecretReference.File(USERS.toAbsolutePath().normalize())));
    assertThat(UsersReader.read(USERS))
        .isInstanceOfSatisfying(
            UsersResult.Read.class,
            read -> {
              assertThat(read.users().users()).containsOnlyKeys("ann", "bob");
              assertThat(read.users().users().values())
                  .extracting(UsersDocument.User::groups)
                  .containsExactly(List.of("writers"), List.of());
            });
  }

  @Test
  void only_what_callers_name_themselves_is_warned_of() {
    assertThat(Good.read(ConfigurationReader.read(FOLDER.resolve("chat-rooms.yaml"))).warnings())
        .hasSize(2)
        .allSatisfy(warning -> assertThat(warning.message()).contains("${request.room}"));
    assertThat(Good.read(ConfigurationReader.read(FOLDER.resolve("oidc.yaml"))).warnings())
        .isEmpty();
  }
}
