package tokenvending.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tokenvending.request.DeclaredParameters.Fault;

final class DeclaredParametersTest {
  private final DeclaredParameters declared =
      new DeclaredParameters(
          List.of(new Parameter("name", 5, false), new Parameter("room", 3, true)));

  @Test
  void declared_values_are_taken() {
    assertThat(declared.fault(Map.of("name", "12345", "room", "123"))).isEmpty();
    assertThat(declared.fault(Map.of("room", "é 漢"))).isEmpty();
    assertThat(new DeclaredParameters(List.of()).fault(Map.of())).isEmpty();
  }

  @Test
  void an_undeclared_name_is_refused() {
    assertThat(declared.fault(Map.of("room", "1", "usergroup", "admin")))
        .contains(Fault.UNDECLARED);
    assertThat(declared.fault(Map.of("room", "1", "Name", "ann"))).contains(Fault.UNDECLARED);
  }

  @Test
  void a_required_value_must_be_there() {
    assertThat(declared.fault(Map.of("name", "ann"))).contains(Fault.MISSING);
    assertThat(declared.fault(Map.of())).contains(Fault.MISSING);
  }

  @Test
  void an_empty_value_is_refused() {
    assertThat(declared.fault(Map.of("room", ""))).contains(Fault.EMPTY);
    assertThat(declared.fault(Map.of("room", "1", "name", ""))).contains(Fault.EMPTY);
  }

  @Test
  void a_value_of_more_units_than_declared_is_refused() {
    assertThat(declared.fault(Map.of("room", "1234"))).contains(Fault.TOO_LONG);
    assertThat(declared.fault(Map.of("room", "1", "name", "😀😀a"))).isEmpty();
    assertThat(declared.fault(Map.of("room", "1", "name", "😀😀😀"))).contains(Fault.TOO_LONG);
  }

  @Test
  void an_unprintable_value_is_refused() {
    for (String bad : List.of("\n", "a\u0000", "\u202E", "\uD800", "\u2028")) {
      assertThat(declared.fault(Map.of("room", bad))).contains(Fault.UNPRINTABLE);
    }
  }

  @Test
  void a_refusal_names_the_parameter() {
    Map<String, String> values = Map.of("room", "1", "name", "a\u200D");
    assertThat(declared.fault(values)).contains(Fault.UNPRINTABLE);
    assertThat(declared.describe(Fault.UNPRINTABLE, values))
        .isEqualTo("name contains an unprintable character");
    assertThat(declared.describe(Fault.EMPTY, Map.of("room", "", "name", "a")))
        .isEqualTo("room is empty");
    assertThat(declared.fault(Map.of("room", "1", "name", "👩\u200D💻"))).isEmpty();
  }

  @Test
  void a_name_is_declared_once() {
    assertThatThrownBy(
            () ->
                new DeclaredParameters(
                    List.of(new Parameter("a", 1, true), new Parameter("a", 2, true))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void a_parameter_has_a_plain_name_that_is_not_taken() {
    for (String good : List.of("a", "room_1", "a-b", "Ttl", "a".repeat(64))) {
      assertThat(Parameter.isName(good)).isTrue();
    }
    for (String bad :
        List.of("", "1a", "_a", "a b", "a.b", "a}", "é", "ttl", "permission", "a".repeat(65))) {
      assertThat(Parameter.isName(bad)).isFalse();
      assertThatThrownBy(() -> new Parameter(bad, 1, true))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void a_length_is_1_to_1024() {
    assertThat(new Parameter("a", 1, true).maxLength()).isEqualTo(1);
    assertThat(new Parameter("a", 1024, true).maxLength()).isEqualTo(1024);
    assertThatThrownBy(() -> new Parameter("a", 0, true))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Parameter("a", 1025, true))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void declarations_keep_their_order() {
    assertThat(declared.all()).extracting(Parameter::name).containsExactly("name", "room");
    assertThat(declared.named("room")).contains(new Parameter("room", 3, true));
    assertThat(declared.named("rooms")).isEmpty();
  }
}
