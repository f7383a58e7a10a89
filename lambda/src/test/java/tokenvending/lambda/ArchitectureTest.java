package tokenvending.lambda;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tokenvending.identity.Principal;
import tokenvending.secret.Secret;

/** What the code of the functions must not do. */
final class ArchitectureTest {
  private static final JavaClasses OURS = imported();

  private static JavaClasses imported() {
    ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
    return new ClassFileImporter()
        .withImportOption(new ImportOption.DoNotIncludeTests())
        .withImportOption(location -> !location.contains("/tokenvending/testing/"))
        .importPackages("tokenvending");
  }

  private static Set<String> callers(Class<?> owner, String method) {
    Set<String> callers = new TreeSet<>();
    for (JavaClass one : OURS) {
      one.getAccessesFromSelf().stream()
          .filter(access -> access.getTargetOwner().isEquivalentTo(owner))
          .filter(access -> access.getName().equals(method))
          .forEach(access -> callers.add(access.getOriginOwner().getName()));
    }
    return callers;
  }

  @Test
  void functions_depend_on_the_application_and_on_aws() {
    noClasses()
        .that()
        .resideInAPackage("tokenvending.lambda..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "tokenvending.infrastructure..",
            "tokenvending.metrics..",
            "tokenvending.momentolocal..",
            "tokenvending.redis..",
            "tokenvending.server..")
        .check(OURS);
    noClasses()
        .that()
        .resideOutsideOfPackage("tokenvending.lambda..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("tokenvending.lambda..")
        .check(OURS);
  }

  @Test
  @Tag("T11")
  void only_authenticators_say_who_is_calling() {
    assertThat(callers(Principal.class, "verified"))
        .isNotEmpty()
        .noneMatch(name -> name.startsWith("tokenvending.lambda."))
        .noneMatch(name -> name.startsWith("tokenvending.api."));
  }

  @Test
  @Tag("T4")
  void no_credential_is_read_here() {
    assertThat(callers(Secret.class, "reveal"))
        .isNotEmpty()
        .noneMatch(name -> name.startsWith("tokenvending.lambda."))
        .noneMatch(name -> name.startsWith("tokenvending.aws."));
  }
}
