package tokenvending.infrastructure;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;
import tokenvending.api.Problem;
import tokenvending.limits.Rate;
import tokenvending.observation.Metric;

/**
 * What this module can see of the product: what the file says, what a refusal looks like, and what
 * metrics are called.
 */
final class ArchitectureTest {
  private static final JavaClasses OURS = imported();

  private static JavaClasses imported() {
    // Names are enough; reading the CDK's 60,000 classes as well takes long.
    ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
    return new ClassFileImporter()
        .withImportOption(new ImportOption.DoNotIncludeTests())
        .importPackages("tokenvending.infrastructure");
  }

  private static final DescribedPredicate<JavaClass> PROBLEM =
      DescribedPredicate.describe("Problem", one -> one.isEquivalentTo(Problem.class));

  private static final DescribedPredicate<JavaClass> METRIC =
      DescribedPredicate.describe("Metric", one -> one.isEquivalentTo(Metric.class));

  private static final DescribedPredicate<JavaClass> RATE =
      DescribedPredicate.describe("Rate", one -> one.isEquivalentTo(Rate.class));

  @Test
  void module_sees_the_file_the_problems_and_the_names_of_metrics_only() {
    noClasses()
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("tokenvending..")
                .and(not(PROBLEM))
                .and(not(METRIC))
                .and(not(RATE))
                .and(
                    not(
                        resideInAnyPackage(
                            "tokenvending.infrastructure",
                            "tokenvending.configuration",
                            "tokenvending.policy"))))
        .check(OURS);
  }

  @Test
  void only_the_program_uses_the_process() {
    noClasses()
        .that()
        .doNotHaveSimpleName("CdkApp")
        .should()
        .accessField(System.class, "err")
        .orShould()
        .callMethod(System.class, "exit", int.class)
        .orShould()
        .callMethod(System.class, "getProperty", String.class)
        .check(OURS);
    noClasses()
        .should()
        .accessField(System.class, "out")
        .orShould()
        .callMethod(System.class, "getenv", String.class)
        .check(OURS);
  }

  @Test
  void there_are_no_statics_with_state() {
    fields().that().areStatic().should().beFinal().check(OURS);
  }
}
