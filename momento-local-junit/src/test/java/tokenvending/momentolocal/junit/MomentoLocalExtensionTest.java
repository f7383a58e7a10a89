package tokenvending.momentolocal.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tokenvending.momentolocal.MomentoLocalOptions;

/** The extension with options of its own. */
@DisplayNameGeneration(ReplaceUnderscores.class)
final class MomentoLocalExtensionTest {

  @RegisterExtension
  static final MomentoLocalExtension MOMENTO =
      MomentoLocalExtension.with(MomentoLocalOptions.defaults().withKeyless(true), "chat");

  @Test
  void its_options_are_those_that_were_given() throws Exception {
    assertThat(Http.status(MOMENTO.momento(), "PUT", "/cache/chat?key=a&ttl_seconds=60", ""))
        .isEqualTo(204);
    assertThat(MOMENTO.port()).isEqualTo(MOMENTO.momento().port());
    assertThat(MOMENTO.credentials().apiKey()).isNotBlank();
  }

  @Test
  void outside_of_tests_there_is_none() {
    MomentoLocalExtension unused = MomentoLocalExtension.withCaches();
    assertThatThrownBy(unused::port).isInstanceOf(IllegalStateException.class);
  }

  @Nested
  class Nested_classes {

    @Test
    void have_the_same(TestMomento momento) {
      assertThat(momento).isSameAs(MOMENTO.momento());
    }
  }
}
