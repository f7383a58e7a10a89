package tokenvending.momento;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import tokenvending.issuing.IssueDeadline;
import tokenvending.issuing.IssueResult;
import tokenvending.issuing.IssueResult.Category;
import tokenvending.issuing.IssueResult.Cause;
import tokenvending.issuing.IssueResult.Unavailable;
import tokenvending.issuing.IssueResult.UpstreamFault;
import tokenvending.issuing.UpstreamRequest;
import tokenvending.issuing.UpstreamResult;
import tokenvending.issuing.UpstreamResult.Kind;
import tokenvending.testing.SettableNanos;

final class KeyRotatingIssuerTest {
  private static final IssueResult REFUSED = new UpstreamFault(Category.API_KEY_REJECTED);
  private static final IssueResult NOT_ALLOWED = new UpstreamFault(Category.API_KEY_NOT_PERMITTED);
  private static final IssueResult LIMIT =
      new Unavailable(Cause.UPSTREAM_RATE_LIMITED, Duration.ofSeconds(1));

  private final SettableNanos time = new SettableNanos();
  private final AtomicReference<KeyReading> source =
      new AtomicReference<>(MomentoTokenIssuerTest.key("old"));
  private final RotatingApiKey apiKey = new RotatingApiKey(source::get, Duration.ofHours(1), time);
  private final Deque<UpstreamResult> results = new ArrayDeque<>();
  private final List<UpstreamRequest<MomentoApiKey>> calls = new ArrayList<>();
  private final KeyRotatingIssuer issuer =
      new KeyRotatingIssuer(
          request -> {
            calls.add(request);
            return results.removeFirst();
          },
          apiKey,
          Optional.empty(),
          IssueDeadline.USUAL,
          time);

  private static UpstreamResult made(IssueResult result) {
    return new UpstreamResult(result, Kind.MADE, Map.of());
  }

  private IssueResult issue() {
    return issuer.issue(Grants.of("ReadOnly cache=a"), Grants.HERE);
  }

  /** The next reading finds another key, and may be made at once. */
  private void changeKey() {
    var _ = apiKey.current();
    time.advance(Duration.ofSeconds(2));
    source.set(MomentoTokenIssuerTest.key("new"));
  }

  private List<String> keys() {
    return calls.stream().map(request -> request.key().key().reveal()).toList();
  }

  @Test
  void a_refused_key_that_changed_is_replaced_and_called_with_once_more() {
    for (IssueResult refusal : List.of(REFUSED, NOT_ALLOWED)) {
      calls.clear();
      source.set(MomentoTokenIssuerTest.key("old-" + refusal));
      results.addAll(List.of(made(refusal), made(LIMIT)));
      changeKey();
      assertThat(issue()).isEqualTo(LIMIT);
      assertThat(keys()).hasSize(2).doesNotHaveDuplicates().last().isEqualTo("new");
      assertThat(calls).extracting(UpstreamRequest::repeated).containsExactly(false, true);
      time.advance(Duration.ofHours(2));
    }
  }

  @Test
  void a_new_key_that_is_refused_too_is_the_end() {
    results.addAll(List.of(made(REFUSED), made(NOT_ALLOWED)));
    changeKey();
    assertThat(issue()).isEqualTo(NOT_ALLOWED);
    assertThat(calls).hasSize(2);
  }

  @Test
  void a_refused_key_that_is_still_the_same_is_not_called_with_again() {
    results.add(made(REFUSED));
    assertThat(issue()).isEqualTo(REFUSED);
    assertThat(calls).hasSize(1);
  }

  @Test
  void other_failures_do_not_read_the_key_anew() {
    results.add(made(LIMIT));
    changeKey();
    assertThat(issue()).isEqualTo(LIMIT);
    assertThat(keys()).containsExactly("old");
  }

  @Test
  void where_the_second_call_has_no_permit_the_refusal_stands() {
    results.addAll(
        List.of(
            made(REFUSED),
            UpstreamResult.notMade(
                new Unavailable(Cause.BUDGET_EXHAUSTED, Duration.ofSeconds(7)))));
    changeKey();
    assertThat(issue()).isEqualTo(REFUSED);
    assertThat(calls).hasSize(2);
  }

  @Test
  void without_a_key_nothing_is_called() {
    source.set(new KeyReading.Unusable("not there"));
    assertThat(issue()).isEqualTo(new Unavailable(Cause.NO_API_KEY, Duration.ofSeconds(2)));
    assertThat(calls).isEmpty();
  }
}
