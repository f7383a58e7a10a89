package tokenvending.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
final class OpenedResourcesTest {
  private final List<String> closed = new ArrayList<>();

  @Test
  void what_was_opened_last_is_closed_first() {
    try (OpenedResources opened = new OpenedResources()) {
      opened.add(() -> closed.add("first"));
      opened.add(() -> closed.add("last"));
    }
    assertThat(closed).containsExactly("last", "first");
  }

  @Test
  void what_is_kept_stays_open() {
    try (OpenedResources opened = new OpenedResources()) {
      opened.add(() -> closed.add("first"));
      opened.keep();
    }
    assertThat(closed).isEmpty();
  }

  @Test
  void one_that_does_not_close_keeps_no_other_from_it_nor_hides_why_the_start_failed() {
    assertThatThrownBy(
            () -> {
              try (OpenedResources opened = new OpenedResources()) {
                opened.add(() -> closed.add("first"));
                opened.add(
                    () -> {
                      throw new IllegalStateException("does not close");
                    });
                throw new IllegalArgumentException("does not start");
              }
            })
        .isInstanceOf(IllegalArgumentException.class)
        .hasSuppressedException(new IllegalStateException("does not close"));
    assertThat(closed).containsExactly("first");
  }
}
