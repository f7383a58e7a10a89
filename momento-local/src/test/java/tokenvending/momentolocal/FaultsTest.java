package tokenvending.momentolocal;

import static org.assertj.core.api.Assertions.assertThat;
import static tokenvending.momentolocal.Local.CACHE;

import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.MetadataUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tokenvending.momentolocal.fault.FaultPlan;
import tokenvending.momentolocal.fault.RpcNames;
import tokenvending.momentolocal.wire.CacheRole;
import tokenvending.momentolocal.wire.ScsGrpc;
import tokenvending.momentolocal.wire._GetRequest;
import tokenvending.momentolocal.wire._KeysExistRequest;
import tokenvending.momentolocal.wire._SetIfNotExistsRequest;
import tokenvending.momentolocal.wire._SetRequest;
import tokenvending.momentolocal.wire._SubscriptionItem;
import tokenvending.momentolocal.wire._SubscriptionRequest;

/** The metadata by which the retry tests of Momento's SDKs request faults. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FaultsTest {

  private static final _GetRequest GET =
      _GetRequest.newBuilder().setCacheKey(ByteString.copyFromUtf8("key")).build();

  private final Local local = Local.start();

  @AfterAll
  void stop() {
    local.close();
  }

  @ParameterizedTest
  @CsvSource({
    "cancelled, CANCELLED",
    "unknown, UNKNOWN",
    "invalid-argument, INVALID_ARGUMENT",
    "deadline-exceeded, DEADLINE_EXCEEDED",
    "not-found, NOT_FOUND",
    "already-exists, ALREADY_EXISTS",
    "permission-denied, PERMISSION_DENIED",
    "resource-exhausted, RESOURCE_EXHAUSTED",
    "failed-precondition, FAILED_PRECONDITION",
    "aborted, ABORTED",
    "out-of-range, OUT_OF_RANGE",
    "unimplemented, UNIMPLEMENTED",
    "internal, INTERNAL",
    "unavailable, UNAVAILABLE",
    "data-loss, DATA_LOSS",
    "unauthenticated, UNAUTHENTICATED"
  })
  void a_call_fails_with_the_error_that_its_metadata_names(String name, Status.Code code) {
    assertThat(get(Map.of("return-error", name, "error-rpcs", "get"))).isEqualTo(code);
  }

  @Test
  void a_call_that_fails_has_no_effect() {
    Map<String, String> faults = Map.of("return-error", "internal", "error-rpcs", "set");
    _SetRequest set =
        _SetRequest.newBuilder()
            .setCacheKey(ByteString.copyFromUtf8("unset"))
            .setTtlMilliseconds(60_000)
            .build();
    assertThat(Local.code(() -> with(faults, scs()).set(set))).isEqualTo(Status.Code.INTERNAL);
    assertThat(local.get(local.apiKey(), CACHE, "unset").getResultValue()).isEqualTo(3);
  }

  @Test
  void only_the_calls_of_the_list_fail() {
    Map<String, String> faults = Map.of("return-error", "internal", "error-rpcs", "set get-batch");
    assertThat(get(faults)).isEqualTo(Status.Code.OK);
    Map<String, String> alias = Map.of("return-error", "internal", "error-rpcs", "set-if");
    _SetIfNotExistsRequest request =
        _SetIfNotExistsRequest.newBuilder().setTtlMilliseconds(1).build();
    assertThat(Local.code(() -> with(alias, scs()).setIfNotExists(request)))
        .isEqualTo(Status.Code.INTERNAL);
    Map<String, String> all = Map.of("return-error", "internal");
    assertThat(Local.code(() -> with(all, scs()).keysExist(_KeysExistRequest.getDefaultInstance())))
        .isEqualTo(Status.Code.INTERNAL);
  }

  @Test
  void the_first_calls_of_a_session_fail_until_the_count_is_reached() {
    for (String session : new String[] {"a", "b"}) {
      Map<String, String> faults =
          Map.of(
              "request-id", session,
              "return-error", "unavailable",
              "error-rpcs", "get",
              "error-count", "2");
      List<Status.Code> codes = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        codes.add(get(faults));
      }
      assertThat(codes)
          .as(session)
          .containsExactly(
              Status.Code.UNAVAILABLE, Status.Code.UNAVAILABLE, Status.Code.OK, Status.Code.OK);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "return-error, SERVER_UNAVAILABLE",
    "return-error, ok",
    "delay-ms, 60001",
    "delay-ms, -1",
    "stream-error, 14"
  })
  void metadata_that_cannot_be_read_is_an_invalid_argument(String header, String value) {
    assertThat(get(Map.of(header, value))).isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  @ParameterizedTest
  @CsvSource({
    "return-error, internal, error-rpcs",
    "delay-ms, 1, delay-rpcs",
    "stream-error, internal, stream-error-rpcs"
  })
  void a_call_that_does_not_exist_is_refused_by_name(String header, String value, String list) {
    Map<String, String> faults = Map.of(header, value, list, "get,fetch");
    Status status = Local.status(() -> with(faults, scs()).get(GET));
    assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(status.getDescription()).isEqualTo(list + ": no such call: fetch");
  }

  @Test
  void the_credential_is_checked_before_faults() {
    Map<String, String> faults = Map.of("return-error", "unavailable");
    assertThat(Local.code(() -> with(faults, local.scs("unknown", CACHE)).get(GET)))
        .isEqualTo(Status.Code.UNAUTHENTICATED);
    String none = local.mint(Grants.of(Grants.cache(CacheRole.CachePermitNone, CACHE)));
    assertThat(Local.code(() -> with(Map.of("delay-ms", "1"), local.scs(none, CACHE)).get(GET)))
        .isEqualTo(Status.Code.PERMISSION_DENIED);
  }

  @Test
  void a_delayed_call_is_answered_as_any_other_and_can_be_cancelled_before() {
    local.set(local.apiKey(), CACHE, "key");
    Map<String, String> once =
        Map.of("request-id", "a", "delay-ms", "300", "delay-rpcs", "get", "delay-count", "1");
    long before = System.nanoTime();
    assertThat(with(once, scs()).get(GET).getResultValue()).isEqualTo(2);
    assertThat(System.nanoTime() - before).isGreaterThanOrEqualTo(300_000_000L);
    assertThat(
            Local.code(
                () ->
                    with(Map.of("delay-ms", "60000"), scs())
                        .withDeadlineAfter(1, TimeUnit.MILLISECONDS)
                        .get(GET)))
        .isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    // The count is used up, so this takes less than the minute of the test.
    Map<String, String> spent =
        Map.of("request-id", "a", "delay-ms", "60000", "delay-rpcs", "get", "delay-count", "1");
    assertThat(with(spent, scs()).get(GET).getResultValue()).isEqualTo(2);
  }

  @Test
  void a_stream_ends_after_its_messages_and_leaves_no_subscription() {
    Map<String, String> faults =
        Map.of(
            "stream-error", "unavailable",
            "stream-error-rpcs", "topic-subscribe",
            "stream-error-message-limit", "3");
    for (int i = 0; i < 3; i++) {
      local.publish(local.apiKey(), CACHE, "topic", "text");
    }
    List<_SubscriptionItem> received = new ArrayList<>();
    assertThat(
            Local.code(
                () ->
                    with(faults, local.pubsub(local.apiKey()))
                        .subscribe(
                            _SubscriptionRequest.newBuilder()
                                .setCacheName(CACHE)
                                .setTopic("topic")
                                .setResumeAtTopicSequenceNumber(1)
                                .build())
                        .forEachRemaining(received::add)))
        .isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(received.stream().map(item -> item.getItem().getTopicSequenceNumber()))
        .as("a heartbeat and two items")
        .containsExactly(0L, 1L, 2L);
    local.awaitSubscriptions(0);
  }

  @Test
  void the_standing_plan_applies_to_calls_that_request_nothing() {
    FaultPlan plan =
        FaultPlan.of(new FaultPlan.Failure(Status.Code.ABORTED, new RpcNames(Set.of("get")), 1));
    try (Local failing = Local.start(options -> options.withFaults(plan))) {
      assertThat(get(failing, Map.of("delay-ms", "0"))).isEqualTo(Status.Code.OK);
      assertThat(get(failing, Map.of())).isEqualTo(Status.Code.ABORTED);
      assertThat(get(failing, Map.of())).isEqualTo(Status.Code.OK);
      failing.momento.reset();
      assertThat(get(failing, Map.of())).isEqualTo(Status.Code.ABORTED);
    }
  }

  private Status.Code get(Map<String, String> headers) {
    return get(local, headers);
  }

  private static Status.Code get(Local local, Map<String, String> headers) {
    return Local.code(() -> with(headers, local.scs(local.apiKey(), CACHE)).get(GET));
  }

  private ScsGrpc.ScsBlockingStub scs() {
    return local.scs(local.apiKey(), CACHE);
  }

  private static <S extends AbstractStub<S>> S with(Map<String, String> headers, S stub) {
    Metadata metadata = new Metadata();
    headers.forEach(
        (name, value) ->
            metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value));
    return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata));
  }
}
