package tokenvending.momentolocal;

import static org.assertj.core.api.Assertions.assertThat;
import static tokenvending.momentolocal.Local.CACHE;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tokenvending.momentolocal.wire.ScsGrpc;
import tokenvending.momentolocal.wire._SetContainsRequest;
import tokenvending.momentolocal.wire._SetDifferenceRequest;
import tokenvending.momentolocal.wire._SetFetchRequest;
import tokenvending.momentolocal.wire._SetLengthRequest;
import tokenvending.momentolocal.wire._SetPopRequest;
import tokenvending.momentolocal.wire._SetSampleRequest;
import tokenvending.momentolocal.wire._SetUnionRequest;

/** Operations on sets. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SetsTest {

  private final Local local = Local.start();
  private final ScsGrpc.ScsBlockingStub scs = local.scs(local.apiKey(), CACHE);

  @AfterAll
  void stop() {
    local.close();
  }

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private void union(String name, String... elements) {
    var _ =
        scs.setUnion(
            _SetUnionRequest.newBuilder()
                .setSetName(bytes(name))
                .addAllElements(Stream.of(elements).map(SetsTest::bytes).toList())
                .setTtlMilliseconds(60_000)
                .build());
  }

  private List<String> fetch(String name) {
    return texts(
        scs.setFetch(_SetFetchRequest.newBuilder().setSetName(bytes(name)).build())
            .getFound()
            .getElementsList());
  }

  private static List<String> texts(List<ByteString> elements) {
    return elements.stream().map(ByteString::toStringUtf8).toList();
  }

  @Test
  void an_element_is_in_a_set_once() {
    union("s", "a", "b", "a");
    union("s", "b", "c");
    assertThat(fetch("s")).containsExactlyInAnyOrder("a", "b", "c");
    assertThat(
            scs.setLength(_SetLengthRequest.newBuilder().setSetName(bytes("s")).build())
                .getFound()
                .getLength())
        .isEqualTo(3);
    _SetContainsRequest.Builder contains =
        _SetContainsRequest.newBuilder()
            .setSetName(bytes("s"))
            .addElements(bytes("c"))
            .addElements(bytes("d"));
    assertThat(scs.setContains(contains.build()).getFound().getContainsList())
        .containsExactly(true, false);
    assertThat(scs.setContains(contains.setSetName(bytes("absent")).build()).hasMissing()).isTrue();
  }

  @Test
  void a_difference_can_be_taken_either_way() {
    union("d", "a", "b", "c");
    _SetDifferenceRequest.Builder request =
        _SetDifferenceRequest.newBuilder().setSetName(bytes("d"));
    request
        .getSubtrahendBuilder()
        .getSetBuilder()
        .addElements(bytes("a"))
        .addElements(bytes("none"));
    assertThat(scs.setDifference(request.build()).hasFound()).isTrue();
    assertThat(fetch("d")).containsExactlyInAnyOrder("b", "c");
    request.getMinuendBuilder().addElements(bytes("b")).addElements(bytes("z"));
    var _ = scs.setDifference(request.build());
    assertThat(fetch("d")).containsExactly("z");
    request
        .getSubtrahendBuilder()
        .setIdentity(_SetDifferenceRequest._Subtrahend._Identity.getDefaultInstance());
    var _ = scs.setDifference(request.build());
    assertThat(scs.setDifference(request.build()).hasMissing()).isTrue();
  }

  @Test
  void a_sample_leaves_the_set_and_a_pop_takes_from_it() {
    union("p", "a", "b", "c", "d");
    _SetSampleRequest.Builder sample = _SetSampleRequest.newBuilder().setSetName(bytes("p"));
    assertThat(scs.setSample(sample.setLimit(0).build()).getFound().getElementsList()).isEmpty();
    assertThat(texts(scs.setSample(sample.setLimit(3).build()).getFound().getElementsList()))
        .hasSize(3)
        .doesNotHaveDuplicates()
        .isSubsetOf("a", "b", "c", "d");
    assertThat(texts(scs.setSample(sample.setLimit(-1).build()).getFound().getElementsList()))
        .as("the limit is unsigned")
        .containsExactlyInAnyOrder("a", "b", "c", "d");

    _SetPopRequest.Builder pop = _SetPopRequest.newBuilder().setSetName(bytes("p"));
    List<String> popped = texts(scs.setPop(pop.setCount(3).build()).getFound().getElementsList());
    assertThat(popped).hasSize(3).doesNotHaveDuplicates();
    assertThat(fetch("p")).hasSize(1).doesNotContainAnyElementsOf(popped);
    assertThat(scs.setPop(pop.build()).getFound().getElementsList()).hasSize(1);
    assertThat(scs.setPop(pop.build()).hasMissing()).isTrue();
    assertThat(scs.setSample(sample.build()).hasMissing()).isTrue();
  }
}
