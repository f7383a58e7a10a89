package tokenvending.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("T17")
@Tag("I6")
final class ErrorBodiesTest {
  private static final List<String> PROBLEM = List.of("content-type: application/problem+json");

  @Test
  void there_are_no_more_than_fifteen() {
    assertThat(ErrorBodies.ALL).hasSizeLessThanOrEqualTo(15);
  }

  @Test
  void other_words_are_noticed() {
    String good = ErrorBodies.ALL.iterator().next();
    String withId =
        good.substring(0, good.length() - 1) + ",\"instance\":\"" + "0".repeat(32) + "\"}";
    assertThat(ErrorBodies.checked(new Answer(400, PROBLEM, withId)).body()).isEqualTo(withId);
    for (String other :
        List.of(withId.replace("\"detail\":\"", "\"detail\":\"at line 7: "), "{}")) {
      assertThatThrownBy(() -> ErrorBodies.checked(new Answer(400, PROBLEM, other)))
          .isInstanceOf(AssertionError.class);
    }
    assertThatThrownBy(
            () ->
                ErrorBodies.checked(
                    new Answer(500, List.of("content-type: text/plain"), "java.lang.Exception")))
        .isInstanceOf(AssertionError.class);
  }
}
