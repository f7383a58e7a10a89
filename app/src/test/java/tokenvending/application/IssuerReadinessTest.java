package tokenvending.application;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class IssuerReadinessTest {
  private static final Optional<Boolean> UNSAID = Optional.empty();
  private static final Optional<Boolean> REQUIRED = Optional.of(true);
  private static final Optional<Boolean> OPTIONAL = Optional.of(false);

  @Test
  void a_file_without_issuers_is_ready() {
    assertThat(IssuerReadiness.reason(List.of())).isEmpty();
  }

  @Test
  @Tag("T14")
  void the_only_issuer_must_be_usable() {
    assertThat(IssuerReadiness.reason(List.of(usable("a", UNSAID)))).isEmpty();
    assertThat(IssuerReadiness.reason(List.of(failing("a", UNSAID))))
        .hasValue("the keys of https://a.example/ cannot be used (not read yet)");
  }

  @Test
  void a_second_issuer_that_fails_does_not_matter() {
    assertThat(IssuerReadiness.reason(List.of(usable("a", UNSAID), failing("b", UNSAID))))
        .isEmpty();
    assertThat(IssuerReadiness.reason(List.of(failing("a", UNSAID), usable("b", OPTIONAL))))
        .isEmpty();
  }

  @Test
  @Tag("T14")
  void issuers_that_all_fail_are_named() {
    assertThat(IssuerReadiness.reason(List.of(failing("a", UNSAID), failing("b", UNSAID))))
        .hasValueSatisfying(text -> assertThat(text).contains("a.example").contains("b.example"));
  }

  @Test
  void an_issuer_that_is_required_must_be_usable() {
    assertThat(IssuerReadiness.reason(List.of(usable("a", UNSAID), failing("b", REQUIRED))))
        .hasValueSatisfying(
            text -> assertThat(text).contains("b.example").doesNotContain("a.example"));
  }

  @Test
  void an_issuer_that_is_not_required_never_matters() {
    assertThat(IssuerReadiness.reason(List.of(failing("a", OPTIONAL)))).isEmpty();
    assertThat(IssuerReadiness.reason(List.of(failing("a", OPTIONAL), failing("b", OPTIONAL))))
        .isEmpty();
    assertThat(IssuerReadiness.reason(List.of(failing("a", OPTIONAL), failing("b", UNSAID))))
        .hasValueSatisfying(
            text -> assertThat(text).contains("b.example").doesNotContain("a.example"));
  }

  private static IssuerReadiness usable(String name, Optional<Boolean> required) {
    return new IssuerReadiness(issuer(name), required, Optional.empty());
  }

  private static IssuerReadiness failing(String name, Optional<Boolean> required) {
    return new IssuerReadiness(issuer(name), required, Optional.of("not read yet"));
  }

  private static URI issuer(String name) {
    return URI.create("https://" + name + ".example/");
  }
}
