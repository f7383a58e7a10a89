package tokenvending.server;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.identity.Principal;
import tokenvending.policy.Grant;
import tokenvending.secret.Secret;

/** The walls that the compiler cannot hold: which room sees which, and who may make a proof. */
final class ArchitectureTest {
  private static final JavaClasses OURS = imported();

  private static JavaClasses imported() {
    // Names are enough; reading all the libraries as well takes half a minute.
    ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
    return new ClassFileImporter()
        .withImportOption(new ImportOption.DoNotIncludeTests())
        .withImportOption(location -> !location.contains("/tokenvending/testing/"))
        .importPackages("tokenvending");
  }

  private static final String ROOT = "tokenvending.";

  /** What the protocol compiler wrote. */
  private static final DescribedPredicate<JavaClass> GENERATED =
      resideInAnyPackage("tokenvending.momento.wire..", "tokenvending.momentolocal.wire..");

  /** The packages of each room. */
  private static final Map<String, List<String>> ROOMS =
      Map.of(
          "vending",
          List.of(
              "audit",
              "block",
              "budget",
              "identity",
              "issuing",
              "limits",
              "network",
              "observation",
              "permission",
              "policy",
              "request",
              "reuse",
              "secret",
              "state",
              "text",
              "vending"),
          "authentication",
          List.of("authentication"),
          "momento",
          List.of("momento"),
          "api",
          List.of("api"),
          "aws",
          List.of("aws"),
          "app",
          List.of("application", "configuration", "auditlog"),
          "metrics",
          List.of("metrics"),
          "momento-local",
          List.of("momentolocal"),
          "redis",
          List.of("redis"),
          "server",
          List.of("server"));

  /** What each room may see of the others. */
  private static final Map<String, List<String>> ARROWS =
      Map.of(
          "vending", List.of(),
          "authentication", List.of("vending"),
          "momento", List.of("vending"),
          "api", List.of("vending"),
          "aws", List.of("vending"),
          "app", List.of("vending", "authentication", "momento", "api"),
          "metrics", List.of("vending"),
          "momento-local", List.of(),
          "redis", List.of("vending"),
          "server",
              List.of(
                  "vending",
                  "authentication",
                  "momento",
                  "api",
                  "aws",
                  "app",
                  "metrics",
                  "momento-local",
                  "redis"));

  private static String[] packages(List<String> rooms) {
    return rooms.stream()
        .flatMap(room -> ROOMS.getOrDefault(room, List.of()).stream())
        .map(name -> ROOT + name + "..")
        .toArray(String[]::new);
  }

  @Test
  void every_class_is_in_a_room() {
    classes()
        .should()
        .resideInAnyPackage(packages(List.copyOf(ROOMS.keySet())))
        .because("a new package belongs on the list above, and into docs/architecture.md")
        .check(OURS);
    assertThat(OURS).hasSizeGreaterThan(300);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vending",
        "authentication",
        "momento",
        "api",
        "aws",
        "app",
        "metrics",
        "momento-local",
        "redis",
        "server"
      })
  void arrows_between_rooms_point_one_way(String room) {
    List<String> seen = new ArrayList<>(ARROWS.get(room));
    seen.add(room);
    noClasses()
        .that()
        .resideInAnyPackage(packages(List.of(room)))
        .should()
        .dependOnClassesThat(
            resideInAPackage(ROOT + ".").and(not(resideInAnyPackage(packages(seen)))))
        .check(OURS);
  }

  @Test
  void commands_start_servers_and_servers_listen() {
    noClasses()
        .that()
        .resideInAnyPackage(ROOT + "server.http..", ROOT + "server.lifecycle..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ROOT + "server.cli..")
        .check(OURS);
    noClasses()
        .that()
        .resideInAnyPackage(ROOT + "server.http..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ROOT + "server.lifecycle..")
        .check(OURS);
  }

  @Test
  void packages_have_no_cycles() {
    slices()
        .matching("tokenvending.(**)")
        .should()
        .beFreeOfCycles()
        .check(OURS.that(not(GENERATED)));
  }

  @Test
  void no_two_types_share_a_name() throws IOException {
    Map<String, Path> types = new HashMap<>();
    List<String> twice = new ArrayList<>();
    for (Path source : sources()) {
      String name = source.getFileName().toString();
      Path other = types.put(name, source);
      if (other != null && !name.equals("package-info.java")) {
        twice.add(other + " and " + source);
      }
    }
    assertThat(twice).isEmpty();
    assertThat(types).hasSizeGreaterThan(300);
  }

  /** The main sources of every module. */
  private static List<Path> sources() throws IOException {
    List<Path> sources = new ArrayList<>();
    try (DirectoryStream<Path> modules = Files.newDirectoryStream(Path.of(".."))) {
      for (Path module : modules) {
        Path folder = module.resolve("src/main/java");
        if (Files.isDirectory(folder)) {
          try (Stream<Path> files = Files.walk(folder)) {
            files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
          }
        }
      }
    }
    return sources;
  }

  @Test
  void domain_knows_the_JDK_and_JSpecify_only() {
    classes()
        .that()
        .resideInAnyPackage(packages(List.of("vending")))
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(packages(List.of("vending")))
                .or(resideInAnyPackage("java..", "javax.crypto..", "org.jspecify.annotations..")))
        .check(OURS);
  }

  @Test
  void wire_format_of_momento_is_known_to_two_rooms_that_do_not_know_each_other() {
    noClasses()
        .that(not(resideInAnyPackage(packages(List.of("momento", "momento-local")))))
        .and(not(resideInAPackage(ROOT + "server..")))
        .should()
        .dependOnClassesThat(resideInAnyPackage("io.grpc..", "com.google.protobuf.."))
        .check(OURS);
  }

  @Test
  @Tag("T10")
  void only_authenticators_and_the_operator_say_who_somebody_is() {
    assertThat(callers(Principal.class, "verified"))
        .containsExactly(
            "application.DescribedCaller",
            "authentication.JwtAuthenticator",
            "authentication.PasswordAuthenticator");
    assertThat(callers(Principal.class, "anonymous"))
        .as("Rule asks what it would say to nobody, to know what is constant")
        .containsExactly(
            "application.DescribedCaller", "authentication.OpenAuthenticator", "policy.Rule");
  }

  @Test
  @Tag("T10")
  void described_callers_are_for_commands_and_for_what_explains() {
    assertThat(users("tokenvending.application.DescribedCaller"))
        .containsExactly(
            "application.CaseRun",
            "application.ConfigurationExplainer",
            "server.cli.ExplainCommand",
            "server.cli.VendCommand",
            "server.cli.VendOptions");
    assertThat(users("tokenvending.application.DescribedCallerAuthenticator"))
        .containsExactly("application.Application");
    assertThat(callers(tokenvending.application.Application.class, "vendTo"))
        .containsExactly("server.cli.VendCommand");
  }

  @Test
  @Tag("T10")
  void what_explains_on_request_has_nothing_to_mint_with() {
    noClasses()
        .that()
        .haveNameMatching(
            ".*\\.(ConfigurationExplainer|PolicyExplainer.*|PlaygroundEndpoint.*|DemoPages.*|RecentEvents.*)")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            ROOT + "issuing..", ROOT + "momento..", ROOT + "momentolocal..", ROOT + "vending..")
        .check(OURS);
  }

  @Test
  @Tag("T1")
  void only_a_policy_grants() {
    assertThat(callers(Grant.class, "<init>")).containsExactly("policy.Policy");
  }

  @Test
  @Tag("T4")
  @Tag("T5")
  void credentials_are_read_in_these_places_only() {
    assertThat(callers(Secret.class, "reveal"))
        .containsExactly(
            "api.TokenExchange",
            "api.VendEndpoint",
            "application.ReloadingUsers",
            "authentication.Argon2Hash",
            "authentication.CompactJwt",
            "authentication.OpaqueString",
            "authentication.PasswordAuthenticator",
            "authentication.VerifiedTokens",
            "momento.MomentoApiKey",
            "momento.MomentoTokenService",
            "redis.RedisState",
            "reuse.StoredToken",
            "reuse.TokenSeal",
            "server.cli.HashPasswordCommand",
            "server.cli.VendCommand");
  }

  @Test
  @Tag("T24")
  void secrets_are_compared_in_constant_time() {
    assertThat(callers(MessageDigest.class, "isEqual"))
        .contains("authentication.Argon2Hash", "momento.MomentoApiKey");
    assertThat(callers(Arrays.class, "equals"))
        .noneMatch(caller -> caller.matches("(authentication|secret|lambda|api|reuse)\\..*"));
    assertThat(Secret.class.getDeclaredMethods())
        .extracting(Method::getName)
        .doesNotContain("equals");
  }

  @Test
  @Tag("T23")
  void time_is_an_argument_and_only_whoever_starts_a_process_asks_for_it() {
    Set<String> askers = new TreeSet<>();
    askers.addAll(callers(Instant.class, "now"));
    askers.addAll(callers(InstantSource.class, "system"));
    askers.addAll(callers(System.class, "currentTimeMillis"));
    askers.addAll(callers(System.class, "nanoTime"));
    for (String factory : List.of("systemUTC", "systemDefaultZone", "system")) {
      askers.addAll(callers(Clock.class, factory));
    }

    assertThat(askers)
        .containsExactly(
            "momentolocal.MomentoLocalOptions",
            "server.cli.AuditCommand",
            "server.cli.BlockCommand",
            "server.cli.CheckCommand",
            "server.cli.ExplainCommand",
            "server.cli.InspectCommand",
            "server.cli.OpenedBlocks",
            "server.cli.UnblockCommand",
            "server.cli.VendCommand",
            // Logback makes it itself.
            "server.lifecycle.OperationsLogConfigurator",
            "server.lifecycle.RunningServer",
            "server.lifecycle.ServerProcess");
    noClasses()
        .that()
        // A certificate has its dates as java.util.Date.
        .doNotHaveSimpleName("TlsFiles")
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.util.Date")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.util.Calendar")
        .check(OURS.that(not(GENERATED)));
  }

  @Test
  void environment_is_asked_by_commands_only() {
    Set<String> askers = new TreeSet<>(callers(System.class, "getenv"));
    askers.addAll(callers(System.class, "getProperty"));

    // Main is serve's command line in its plain form; Logback makes its configurator itself; where
    // AWS's credentials are is AWS's own convention.
    assertThat(askers)
        .allMatch(
            name ->
                name.endsWith("Command")
                    || List.of(
                            "aws.AwsSettings",
                            "server.cli.BlocksOption",
                            "server.cli.Main",
                            "server.lifecycle.OperationsLogConfigurator")
                        .contains(name));
  }

  @Test
  @Tag("T4")
  void nothing_prints_past_the_logs_and_nothing_is_serialized() {
    noClasses()
        .that(not(resideInAnyPackage(packages(List.of("server", "momento-local")))))
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .orShould()
        .callMethod(Throwable.class, "printStackTrace")
        .check(OURS);
    noClasses()
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.io.ObjectOutputStream")
        .check(OURS.that(not(GENERATED)));
  }

  @Test
  void there_are_no_statics_with_state() {
    fields()
        .that()
        .areStatic()
        .should()
        .beFinal()
        .because("state belongs to an object that somebody made and can make again")
        .check(OURS.that(not(GENERATED)));
  }

  /** Our classes that call a method, without the package that all have, sorted. */
  private static Set<String> callers(Class<?> owner, String method) {
    return from(
        access -> access.getTargetOwner().isEquivalentTo(owner) && access.getName().equals(method));
  }

  /** Our classes that use another of ours. */
  private static Set<String> users(String owner) {
    return from(access -> outermost(access.getTargetOwner()).equals(owner));
  }

  private static Set<String> from(Predicate<JavaAccess<?>> wanted) {
    Set<String> names = new TreeSet<>();
    for (JavaClass one : OURS) {
      if (GENERATED.test(one)) {
        continue;
      }
      for (JavaAccess<?> access : accesses(one)) {
        if (wanted.test(access) && !outermost(one).equals(outermost(access.getTargetOwner()))) {
          names.add(outermost(one).substring(ROOT.length()));
        }
      }
    }
    return names;
  }

  /** Calls, and method references, which are no calls yet. */
  private static List<JavaAccess<?>> accesses(JavaClass one) {
    List<JavaAccess<?>> all = new ArrayList<>(one.getAccessesFromSelf());
    all.addAll(one.getCodeUnitReferencesFromSelf());
    return all;
  }

  private static String outermost(JavaClass one) {
    String name = one.getName();
    return Arrays.asList(name.split("\\$", -1)).getFirst();
  }
}
