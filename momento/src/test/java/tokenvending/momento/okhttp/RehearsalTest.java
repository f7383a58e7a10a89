package tokenvending.momento.okhttp;

import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;

final class RehearsalTest {
  @Test
  void a_rehearsal_ends_by_itself_where_nobody_can_be_reached() {
    assertThatCode(Rehearsal::run).doesNotThrowAnyException();
  }
}
