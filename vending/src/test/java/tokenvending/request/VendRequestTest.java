package tokenvending.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class VendRequestTest {
  @Test
  @Tag("I4")
  void a_life_that_is_asked_for_is_a_whole_number_of_seconds() {
    for (Duration good : List.of(Duration.ofSeconds(1), Duration.ofDays(9))) {
      assertThat(VendRequest.isTtl(good)).isTrue();
      assertThat(lasting(good).ttl()).contains(good);
    }
    for (Duration bad :
        List.of(
            Duration.ZERO,
            Duration.ofSeconds(-1),
            Duration.ofMillis(999),
            Duration.ofMillis(1500),
            Duration.ofSeconds(Long.MIN_VALUE))) {
      assertThat(VendRequest.isTtl(bad)).isFalse();
      assertThatThrownBy(() -> lasting(bad)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void the_map_that_it_was_made_from_does_not_change_it() {
    Map<String, String> parameters = new HashMap<>(Map.of("name", "ann"));
    VendRequest request = VendRequest.of(parameters);

    parameters.put("name", "root");

    assertThat(request.parameters()).isEqualTo(Map.of("name", "ann"));
    assertThatThrownBy(() -> request.parameters().put("name", "root"))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  private static VendRequest lasting(Duration ttl) {
    return new VendRequest(Map.of(), Optional.empty(), Optional.of(ttl));
  }
}
