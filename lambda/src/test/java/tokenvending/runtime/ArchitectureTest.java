package tokenvending.runtime;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The runtime stands on its own: whatever it loads, every start waits for. */
final class ArchitectureTest {
  @Test
  void the_runtime_needs_the_JDK_and_a_writer_of_JSON() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java..", "com.fasterxml.jackson.core..", "org.jspecify..", "tokenvending.runtime")
        .check(
            new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("tokenvending.runtime"));
  }
}
