package tokenvending.vending;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tokenvending.audit.AuditEvent;
import tokenvending.audit.AuditSink;
import tokenvending.block.Block;
import tokenvending.block.BlockList;
import tokenvending.identity.Attempt;
import tokenvending.identity.Authentication;
import tokenvending.identity.AuthenticationResult;
import tokenvending.identity.AuthenticationResult.Authenticated;
import tokenvending.identity.AuthenticationResult.Reason;
import tokenvending.identity.AuthenticationResult.Unauthenticated;
import tokenvending.identity.Authenticator;
import tokenvending.identity.Claim;
import tokenvending.identity.PresentedCredential;
import tokenvending.identity.PresentedCredential.BearerToken;
import tokenvending.identity.Principal;
import tokenvending.issuing.IssueResult;
import tokenvending.issuing.TokenIssuer;
import tokenvending.limits.Admission;
import tokenvending.limits.Limits;
import tokenvending.observation.Observer;
import tokenvending.permission.PermissionSet;
import tokenvending.permission.PermissionText;
import tokenvending.policy.AuthenticationMethod;
import tokenvending.policy.ConditionDocument;
import tokenvending.policy.Decision;
import tokenvending.policy.DenyRule;
import tokenvending.policy.Policy;
import tokenvending.policy.PolicyDocument;
import tokenvending.request.DeclaredParameters;
import tokenvending.request.VendRequest;
import tokenvending.secret.Secret;
import tokenvending.testing.AnonymousAuthenticator;
import tokenvending.testing.Attempts;
import tokenvending.testing.FakeSharedState;
import tokenvending.testing.FakeTokenAuthenticator;
import tokenvending.testing.ListAuditSink;
import tokenvending.testing.Policies;
import tokenvending.testing.RecordingTokenIssuer;
import tokenvending.testing.SettableClock;
import tokenvending.testing.SettableNanos;

final class TokenVendingMachineTest {
  private static final String ISSUER = "https://login.example.com/";
  private static final Duration SOON = Duration.ofSeconds(7);
  private static final VendRequest EVERYTHING = VendRequest.of(Map.of());
  private static final Principal ANN = caller("ann", Set.of("members"));

  private final SettableClock clock = SettableClock.started();
  private final RecordingTokenIssuer issuer = new RecordingTokenIssuer(clock);
  private final ListAuditSink audit = new ListAuditSink();
  private final Attempt attempt = Attempts.at(clock.instant());
  private final FakeTokenAuthenticator tokens =
      new FakeTokenAuthenticator(
          Map.of(
              "ann", new Authenticated(ANN),
              "eve", new Authenticated(caller("eve", Set.of("strangers"))),
              "expired", unauthenticated(Reason.EXPIRED),
              "guesser", new AuthenticationResult.LoginThrottled(SOON),
              "undecided", new AuthenticationResult.Undecidable(SOON)));
  private final Policy policy =
      Policies.compiled(
          Policies.document(
              List.of(new AuthenticationMethod.Issuer(ISSUER)),
              List.of(),
              Policies.rule(
                  "members",
                  Policies.inGroups("members"),
                  Policies.subscribe("chat", "inbox-${subject}"))));

  @Test
  void a_good_credential_and_an_allowed_request_give_a_token() {
    VendOutcome outcome = vend("ann", EVERYTHING);

    assertThat(outcome)
        .isInstanceOfSatisfying(
            VendOutcome.Vended.class,
            vended -> {
              assertThat(vended.grant()).isSameAs(issuer.grants().getFirst());
              assertThat(vended.grant().permissions().texts())
                  .containsExactly("SubscribeOnly cache=chat topic=inbox-ann");
              assertThat(vended.token().expiresAt())
                  .isEqualTo(clock.instant().plus(Duration.ofHours(1)));
            });
    assertThat(issuer.grants()).hasSize(1);
  }

  @Test
  @Tag("T5")
  void the_record_of_a_token_says_all_but_the_token() {
    VendOutcome outcome = vend("ann", EVERYTHING);

    String token = ((VendOutcome.Vended) outcome).token().token().reveal();
    assertThat(audit.onlyEvent())
        .isEqualTo(
            new AuditEvent(
                clock.instant(),
                Attempts.REQUEST_ID,
                Optional.empty(),
                "192.0.2.1",
                Optional.of(new AuditEvent.Caller(Optional.of(ISSUER), Optional.of("ann"))),
                Optional.of("members"),
                List.of("SubscribeOnly cache=chat topic=inbox-ann"),
                Optional.of(clock.instant().plus(Duration.ofHours(1))),
                Optional.of("ann"),
                Optional.of(sha256(token)),
                "vended",
                Optional.empty(),
                false,
                false,
                AuditEvent.Basis.none()));
    assertThat(audit.onlyEvent().toString()).doesNotContain(token);
  }

  @Test
  void an_anonymous_caller_is_recorded_without_issuer_and_subject() {
    TokenVendingMachine open =
        machine(
            List.of(new AnonymousAuthenticator()),
            Policies.compiled(Policies.builtIn()),
            Limits.none(),
            issuer);

    VendOutcome outcome =
        open.vend(
            new PresentedCredential.None(), VendRequest.of(Map.of("name", "Taylor")), attempt);

    assertThat(outcome).isInstanceOf(VendOutcome.Vended.class);
    assertThat(audit.onlyEvent().caller())
        .contains(new AuditEvent.Caller(Optional.empty(), Optional.empty()));
    assertThat(audit.onlyEvent().tokenId()).contains("Taylor");
  }

  @Test
  void nothing_shown_is_refused_where_open_is_not_written_down() {
    VendOutcome outcome = vend(new PresentedCredential.None(), EVERYTHING);

    assertRefused(
        outcome,
        new Refusal.Unauthenticated(
            Reason.NO_CREDENTIAL, List.of(FakeTokenAuthenticator.CHALLENGE)),
        "unauthenticated",
        "NO_CREDENTIAL");
    assertThat(audit.onlyEvent().caller()).isEmpty();
  }

  @Test
  void an_unreadable_credential_is_not_the_same_as_none() {
    TokenVendingMachine open =
        machine(
            List.of(tokens, new AnonymousAuthenticator()),
            Policies.compiled(Policies.builtIn()),
            Limits.none(),
            issuer);

    VendOutcome outcome = open.vend(new PresentedCredential.Unreadable(), EVERYTHING, attempt);

    assertRefused(
        outcome,
        new Refusal.Unauthenticated(
            Reason.MALFORMED_CREDENTIAL, List.of(FakeTokenAuthenticator.CHALLENGE)),
        "unauthenticated",
        "MALFORMED_CREDENTIAL");
  }

  @Test
  void a_bad_credential_does_not_fall_through_to_open() {
    TokenVendingMachine open =
        machine(
            List.of(tokens, new AnonymousAuthenticator()),
            Policies.compiled(Policies.builtIn()),
            Limits.none(),
            issuer);

    VendOutcome outcome = open.vend(bearer("expired"), EVERYTHING, attempt);

    assertRefused(
        outcome,
        new Refusal.Unauthenticated(Reason.EXPIRED, List.of(FakeTokenAuthenticator.CHALLENGE)),
        "unauthenticated",
        "EXPIRED");
  }

  @Test
  void the_first_way_in_that_recognises_a_credential_decides() {
    FakeTokenAuthenticator second =
        new FakeTokenAuthenticator(Map.of("expired", new Authenticated(ANN)));

    VendOutcome outcome =
        machine(List.of(tokens, second), policy, Limits.none(), issuer)
            .vend(bearer("expired"), EVERYTHING, attempt);

    assertRefused(
        outcome,
        new Refusal.Unauthenticated(Reason.EXPIRED, List.of(FakeTokenAuthenticator.CHALLENGE)),
        "unauthenticated",
        "EXPIRED");
  }

  @Test
  void a_credential_that_no_way_in_recognises_is_refused() {
    VendOutcome outcome =
        vend(new PresentedCredential.UserPassword("ann", Secret.of("secret")), EVERYTHING);

    assertRefused(
        outcome,
        new Refusal.Unauthenticated(
            Reason.NO_AUTHENTICATION_METHOD, List.of(FakeTokenAuthenticator.CHALLENGE)),
        "unauthenticated",
        "NO_AUTHENTICATION_METHOD");
  }

  @Test
  void guessing_too_fast_is_refused() {
    assertRefused(
        vend("guesser", EVERYTHING),
        new Refusal.LoginThrottled(SOON),
        "throttled",
        "LOGIN_THROTTLED");
    assertThat(audit.onlyEvent().caller()).isEmpty();
  }

  @Test
  void a_credential_that_cannot_be_judged_now_is_refused() {
    assertRefused(
        vend("undecided", EVERYTHING),
        new Refusal.AuthenticationUnavailable(SOON),
        "temporarily-unavailable",
        "AUTHENTICATION_UNAVAILABLE");
    assertThat(audit.onlyEvent().caller()).isEmpty();
  }

  @Test
  @Tag("T19")
  void a_caller_whom_no_rule_takes_is_refused() {
    assertRefused(
        vend("eve", EVERYTHING),
        new Refusal.NotPermitted("", Decision.Reason.NO_RULE_MATCHES),
        "not-permitted",
        "NO_RULE_MATCHES");
    assertThat(audit.onlyEvent().caller())
        .contains(new AuditEvent.Caller(Optional.of(ISSUER), Optional.of("eve")));
    assertThat(audit.onlyEvent().rule()).isEmpty();
  }

  @Test
  @Tag("T1")
  void asking_for_more_than_granted_is_refused() {
    VendRequest other =
        new VendRequest(
            Map.of(),
            Optional.of(
                PermissionSet.of(
                    PermissionText.parse("SubscribeOnly cache=chat topic=inbox-bob")
                        .orElseThrow())),
            Optional.empty());

    assertRefused(
        vend("ann", other),
        new Refusal.NotPermitted("members", Decision.Reason.MORE_THAN_GRANTED),
        "not-permitted",
        "MORE_THAN_GRANTED");
    assertThat(audit.onlyEvent().rule()).contains("members");
  }

  @Test
  void a_throttled_caller_is_refused() {
    Admission.Throttled throttled = new Admission.Throttled(Admission.Scope.ADDRESS_LIMIT, SOON);

    VendOutcome outcome =
        machine(List.of(tokens), policy, (caller, from) -> throttled, issuer)
            .vend(bearer("ann"), EVERYTHING, attempt);

    assertRefused(
        outcome,
        new Refusal.Throttled(Admission.Scope.ADDRESS_LIMIT, SOON),
        "throttled",
        "ADDRESS_LIMIT");
    assertThat(audit.onlyEvent().caller())
        .contains(new AuditEvent.Caller(Optional.of(ISSUER), Optional.of("ann")));
    assertThat(audit.onlyEvent().rule()).contains("members");
  }

  @Test
  void an_issuer_that_is_out_of_reach_gives_no_token() {
    for (IssueResult.Cause cause : IssueResult.Cause.values()) {
      ListAuditSink sink = new ListAuditSink();
      RecordingTokenIssuer away =
          new RecordingTokenIssuer(clock).answers(new IssueResult.Unavailable(cause, SOON));

      VendOutcome outcome =
          machine(List.of(tokens), policy, Limits.none(), away, sink)
              .vend(bearer("ann"), EVERYTHING, attempt);

      assertThat(outcome).isEqualTo(new Refusal.TokenServiceUnavailable(cause, SOON));
      assertThat(sink.onlyEvent().outcome()).isEqualTo("temporarily-unavailable");
      assertThat(sink.onlyEvent().reason()).contains(cause.name());
      assertThat(sink.onlyEvent().tokenSha256()).isEmpty();
      assertThat(sink.onlyEvent().rule()).contains("members");
    }
  }

  @Test
  void a_fault_of_the_issuer_gives_no_token() {
    for (IssueResult.Category category : IssueResult.Category.values()) {
      ListAuditSink sink = new ListAuditSink();
      RecordingTokenIssuer faulty =
          new RecordingTokenIssuer(clock).answers(new IssueResult.UpstreamFault(category));

      VendOutcome outcome =
          machine(List.of(tokens), policy, Limits.none(), faulty, sink)
              .vend(bearer("ann"), EVERYTHING, attempt);

      assertThat(outcome).isEqualTo(new Refusal.TokenServiceFault(category));
      assertThat(sink.onlyEvent().outcome()).isEqualTo("upstream-fault");
      assertThat(sink.onlyEvent().reason()).contains(category.name());
      assertThat(sink.onlyEvent().tokenSha256()).isEmpty();
    }
  }

  @Test
  @Tag("T15")
  void nothing_is_minted_while_the_audit_log_is_known_to_fail() {
    List<AuditEvent> submitted = new ArrayList<>();
    AuditSink failing =
        new AuditSink() {
          @Override
          public boolean record(AuditEvent event) {
            return false;
          }

          @Override
          public void submit(AuditEvent event) {
            submitted.add(event);
          }

          @Override
          public Optional<String> problem() {
            return Optional.of("the disk is full");
          }
        };

    VendOutcome outcome = machine(new Recorder(failing)).vend(bearer("ann"), EVERYTHING, attempt);

    assertThat(outcome).isEqualTo(new Refusal.NotAudited());
    assertThat(issuer.grants()).isEmpty();
    assertThat(submitted).hasSize(1);
    assertThat(submitted.getFirst().outcome()).isEqualTo("temporarily-unavailable");
    assertThat(submitted.getFirst().reason()).contains("NOT_AUDITED");
  }

  @Test
  void the_event_names_the_policy_and_the_groups_that_decided() {
    Attribution named = Attribution.of(policy, "version-1", Set.of());

    var _ =
        machine(new Recorder(audit, Observer.none(), named))
            .vend(bearer("ann"), EVERYTHING, attempt);
    var _ =
        machine(new Recorder(audit, Observer.none(), named))
            .vend(bearer("eve"), EVERYTHING, attempt);
    var _ =
        machine(new Recorder(audit, Observer.none(), named))
            .vend(bearer("expired"), EVERYTHING, attempt);

    AuditEvent.Basis ann = audit.events().get(0).basis();
    assertThat(ann.policyVersion()).contains("version-1");
    assertThat(ann.groups()).containsExactly("members");
    assertThat(ann.unmatched()).isEmpty();
    AuditEvent.Basis eve = audit.events().get(1).basis();
    assertThat(eve.groups()).as("no rule asks for hers").isEmpty();
    assertThat(eve.unmatched()).containsExactly("members: groups");
    assertThat(audit.events().get(2).basis().policyVersion()).contains("version-1");
  }

  @Test
  @Tag("T5")
  void claims_are_named_and_their_values_only_where_the_file_lists_them() {
    Policy byClaim =
        Policies.compiled(
            Policies.document(
                List.of(new AuthenticationMethod.Issuer(ISSUER)),
                List.of(),
                Policies.rule(
                    "tenants",
                    new ConditionDocument(
                        List.of(), Map.of("tenant", List.of("acme"), "plan", List.of("gold"))),
                    Policies.subscribe("chat", "news"))));
    Principal gold =
        Principal.verified(
            ISSUER,
            "gus",
            Set.of(),
            Map.of(
                "tenant", new Claim.One("acme"),
                "plan", new Claim.Many(List.of("gold", "beta")),
                "email", new Claim.One("gus@example.com")),
            Optional.empty());
    FakeTokenAuthenticator known =
        new FakeTokenAuthenticator(Map.of("gus", new Authenticated(gold)));
    for (Set<String> listed : List.of(Set.<String>of(), Set.of("plan", "email"))) {
      Recorder recorder =
          new Recorder(audit, Observer.none(), Attribution.of(byClaim, "v", listed));
      var _ =
          new TokenVendingMachine(
                  new Authentication(List.of(known)),
                  Denials.none(),
                  byClaim,
                  Limits.none(),
                  issuer,
                  recorder,
                  clock)
              .vend(bearer("gus"), EVERYTHING, attempt);
    }

    AuditEvent.Basis names = audit.events().get(0).basis();
    assertThat(names.claims()).containsExactlyInAnyOrder("tenant", "plan");
    assertThat(names.claimValues()).isEmpty();
    AuditEvent.Basis values = audit.events().get(1).basis();
    assertThat(values.claimValues()).isEqualTo(Map.of("plan", List.of("gold", "beta")));
  }

  private TokenVendingMachine machine(Recorder recorder) {
    return new TokenVendingMachine(
        new Authentication(List.of(tokens)),
        Denials.none(),
        policy,
        Limits.none(),
        issuer,
        recorder,
        clock);
  }

  @Test
  @Tag("T15")
  void a_token_that_cannot_be_recorded_is_dropped() {
    audit.fail();

    VendOutcome outcome = vend("ann", EVERYTHING);

    assertThat(outcome).isEqualTo(new Refusal.NotAudited());
    assertThat(issuer.grants()).hasSize(1);
    assertThat(audit.events()).isEmpty();
    assertThat(audit.lost()).hasSize(1);
  }

  @Test
  @Tag("T15")
  void a_refusal_that_cannot_be_recorded_is_not_told_either() {
    audit.fail();

    assertThat(vend("expired", EVERYTHING)).isEqualTo(new Refusal.NotAudited());
    assertThat(vend("eve", EVERYTHING)).isEqualTo(new Refusal.NotAudited());
    assertThat(new Recorder(audit).refused(attempt, new Refusal.Malformed("REPEATED_PARAMETER")))
        .isEqualTo(new Refusal.NotAudited());
    assertThat(issuer.grants()).isEmpty();
    assertThat(audit.lost()).hasSize(3);
  }

  @Test
  @Tag("T15")
  void tokens_are_vended_again_when_records_can_be_written_again() {
    audit.fail();
    assertThat(vend("ann", EVERYTHING)).isEqualTo(new Refusal.NotAudited());

    audit.recover();

    assertThat(vend("ann", EVERYTHING)).isInstanceOf(VendOutcome.Vended.class);
    assertThat(audit.events()).hasSize(1);
  }

  @Test
  @Tag("T15")
  void the_record_is_written_before_the_token_is_released() {
    List<String> order = new ArrayList<>();
    TokenVendingMachine machine =
        new TokenVendingMachine(
            new Authentication(List.of(tokens)),
            Denials.none(),
            policy,
            (caller, from) -> {
              order.add("admit");
              return new Admission.Admitted();
            },
            (grant, attempt) -> {
              order.add("issue");
              return issuer.issue(grant, attempt);
            },
            new Recorder(
                event -> {
                  order.add("record " + event.outcome());
                  return true;
                }),
            () -> {
              order.add("decide");
              return clock.instant();
            });

    assertThat(machine.vend(bearer("ann"), EVERYTHING, attempt))
        .isInstanceOf(VendOutcome.Vended.class);
    assertThat(order).containsExactly("decide", "admit", "issue", "record vended");
  }

  @Test
  void a_refused_caller_is_not_counted_against_the_limits() {
    List<Principal> counted = new ArrayList<>();
    TokenVendingMachine machine =
        machine(
            List.of(tokens),
            policy,
            (caller, from) -> {
              counted.add(caller);
              return new Admission.Admitted();
            },
            issuer);

    machine.vend(bearer("expired"), EVERYTHING, attempt);
    machine.vend(bearer("eve"), EVERYTHING, attempt);
    assertThat(counted).isEmpty();

    machine.vend(bearer("ann"), EVERYTHING, attempt);
    assertThat(counted).containsExactly(ANN);
  }

  @Test
  void the_session_is_judged_by_the_clock_at_the_time_of_the_request() {
    Instant end = clock.instant().plus(Duration.ofMinutes(10));
    Principal shortly =
        Principal.verified(ISSUER, "ann", Set.of("members"), Map.of(), Optional.of(end));
    Policy withinSession =
        Policies.compiled(
            new PolicyDocument(
                List.of(new AuthenticationMethod.Issuer(ISSUER)),
                new DeclaredParameters(List.of()),
                Duration.ofHours(1),
                true,
                List.of(
                    Policies.rule(
                        "members",
                        Policies.inGroups("members"),
                        Policies.subscribe("chat", "news")))));
    TokenVendingMachine machine =
        machine(
            List.of(new FakeTokenAuthenticator(Map.of("ann", new Authenticated(shortly)))),
            withinSession,
            Limits.none(),
            issuer);

    clock.set(end.minusSeconds(1));
    assertThat(machine.vend(bearer("ann"), EVERYTHING, attempt))
        .isInstanceOfSatisfying(
            VendOutcome.Vended.class,
            vended -> assertThat(vended.token().expiresAt()).isEqualTo(end));

    clock.set(end);
    assertThat(machine.vend(bearer("ann"), EVERYTHING, attempt))
        .isEqualTo(new Refusal.NotPermitted("members", Decision.Reason.CREDENTIAL_EXPIRED));
    assertThat(issuer.grants()).hasSize(1);
  }

  @Test
  void an_exception_of_the_issuer_leaves_no_record_of_a_token() {
    issuer.answersWith(
        grant -> {
          throw new IllegalStateException("a bug");
        });

    assertThatThrownBy(() -> vend("ann", EVERYTHING)).isInstanceOf(IllegalStateException.class);
    assertThat(audit.events()).isEmpty();
  }

  @Test
  @Tag("T15")
  void a_sink_that_throws_counts_as_one_that_fails() {
    Recorder recorder =
        new Recorder(
            event -> {
              throw new IllegalStateException("full");
            });

    assertThat(recorder.refused(attempt, new Refusal.Internal()))
        .isEqualTo(new Refusal.NotAudited());
  }

  @Test
  void every_refusal_has_an_outcome_word_that_answers_use_too() {
    List<Refusal> refusals =
        List.of(
            new Refusal.Malformed("UNDECLARED"),
            new Refusal.Unauthenticated(Reason.NO_CREDENTIAL, List.of()),
            new Refusal.NotPermitted("members", Decision.Reason.MORE_THAN_GRANTED),
            new Refusal.Denied(Decision.Reason.BLOCKED, Optional.of("ticket 7")),
            new Refusal.LoginThrottled(SOON),
            new Refusal.Throttled(Admission.Scope.CALLER_LIMIT, SOON),
            new Refusal.AuthenticationUnavailable(SOON),
            new Refusal.TokenServiceUnavailable(IssueResult.Cause.UPSTREAM_RATE_LIMITED, SOON),
            new Refusal.TokenServiceFault(IssueResult.Category.API_KEY_REJECTED),
            new Refusal.NotAudited(),
            new Refusal.Internal());
    Recorder recorder = new Recorder(audit);

    for (Refusal refusal : refusals) {
      assertThat(recorder.refused(attempt, refusal)).isEqualTo(refusal);
    }

    assertThat(refusals.stream().map(Object::getClass).map(Class::getSimpleName))
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(Refusal.class.getPermittedSubclasses()).map(Class::getSimpleName).toList());
    assertThat(audit.events())
        .extracting(AuditEvent::outcome)
        .containsExactly(
            "malformed-request",
            "unauthenticated",
            "not-permitted",
            "not-permitted",
            "throttled",
            "throttled",
            "temporarily-unavailable",
            "temporarily-unavailable",
            "upstream-fault",
            "temporarily-unavailable",
            "internal");
    assertThat(audit.events())
        .allSatisfy(
            event -> {
              assertThat(event.tokenSha256()).isEmpty();
              assertThat(event.permissions()).isEmpty();
              assertThat(event.expiresAt()).isEmpty();
            });
  }

  private void assertRefused(VendOutcome outcome, Refusal refusal, String word, String reason) {
    assertThat(outcome).isEqualTo(refusal);
    assertThat(issuer.grants()).isEmpty();
    AuditEvent event = audit.onlyEvent();
    assertThat(event.outcome()).isEqualTo(word);
    assertThat(event.reason()).contains(reason);
    assertThat(event.requestId()).isEqualTo(attempt.requestId());
    assertThat(event.permissions()).isEmpty();
    assertThat(event.expiresAt()).isEmpty();
    assertThat(event.tokenId()).isEmpty();
    assertThat(event.tokenSha256()).isEmpty();
  }

  private TokenVendingMachine denying(Denials denials, TokenIssuer minting) {
    return new TokenVendingMachine(
        new Authentication(List.of(tokens)),
        denials,
        policy,
        Limits.none(),
        minting,
        new Recorder(audit),
        clock);
  }

  private static Block block(Instant at) {
    return new Block(
        Optional.of(ISSUER), "ann", false, at, Optional.empty(), Optional.of("ticket 7"));
  }

  @Test
  @Tag("T25")
  void a_caller_whom_an_entry_denies_gets_nothing_and_the_note_is_audited() {
    DenyRule rule =
        new DenyRule(
            Optional.empty(),
            Optional.of("ann"),
            ConditionDocument.everyone(),
            List.of(),
            Optional.empty(),
            Optional.of("ticket 7"));
    VendOutcome outcome =
        denying(new Denials(List.of(rule), Optional.empty(), clock), issuer)
            .vend(bearer("ann"), EVERYTHING, attempt);

    assertThat(outcome)
        .isEqualTo(new Refusal.Denied(Decision.Reason.DENIED, Optional.of("ticket 7")));
    assertThat(issuer.grants()).isEmpty();
    assertThat(audit.onlyEvent().reason()).contains("DENIED");
    assertThat(audit.onlyEvent().basis().note()).contains("ticket 7");
    assertThat(audit.onlyEvent().caller()).isPresent();
  }

  @Test
  @Tag("T25")
  void a_caller_who_is_blocked_while_a_token_is_minted_does_not_get_it() {
    SettableNanos nanos = new SettableNanos();
    FakeSharedState state = new FakeSharedState(nanos);
    BlockList blocks = new BlockList(state.blocks(), nanos, clock);
    TokenIssuer slow =
        (grant, who) -> {
          assertThat(blocks.put(block(clock.instant()))).isTrue();
          nanos.advance(Duration.ofSeconds(1));
          return issuer.issue(grant, who);
        };
    VendOutcome outcome =
        denying(new Denials(List.of(), Optional.of(blocks), clock), slow)
            .vend(bearer("ann"), EVERYTHING, attempt);

    assertThat(outcome)
        .isEqualTo(new Refusal.Denied(Decision.Reason.BLOCKED, Optional.of("ticket 7")));
    assertThat(issuer.grants()).hasSize(1);
    assertThat(audit.onlyEvent().tokenSha256()).isEmpty();
  }

  @Test
  @Tag("T25")
  void a_blocked_caller_never_gets_a_token_that_was_vended_before() {
    SettableNanos nanos = new SettableNanos();
    FakeSharedState state = new FakeSharedState(nanos);
    BlockList blocks = new BlockList(state.blocks(), nanos, clock);
    TokenIssuer reusing = (grant, who) -> reused(issuer.issue(grant, who));
    TokenVendingMachine machine =
        denying(new Denials(List.of(), Optional.of(blocks), clock), reusing);
    assertThat(machine.vend(bearer("ann"), EVERYTHING, attempt))
        .isInstanceOf(VendOutcome.Vended.class);
    assertThat(blocks.put(block(clock.instant()))).isTrue();
    nanos.advance(Duration.ofSeconds(1));
    assertThat(machine.vend(bearer("ann"), EVERYTHING, attempt)).isInstanceOf(Refusal.Denied.class);
    assertThat(issuer.grants()).hasSize(1);
  }

  private static IssueResult reused(IssueResult result) {
    return result instanceof IssueResult.Issued(var token, var before)
        ? new IssueResult.Issued(token, true)
        : result;
  }

  @Test
  @Tag("T25")
  void without_the_list_no_caller_gets_a_token() {
    SettableNanos nanos = new SettableNanos();
    FakeSharedState state = new FakeSharedState(nanos);
    state.goAway();
    VendOutcome outcome =
        denying(
                new Denials(
                    List.of(), Optional.of(new BlockList(state.blocks(), nanos, clock)), clock),
                issuer)
            .vend(bearer("ann"), EVERYTHING, attempt);

    assertThat(outcome).isInstanceOf(Refusal.TokenServiceUnavailable.class);
    assertThat(issuer.grants()).isEmpty();
  }

  private VendOutcome vend(String token, VendRequest request) {
    return vend(bearer(token), request);
  }

  private VendOutcome vend(PresentedCredential credential, VendRequest request) {
    return machine(List.of(tokens), policy, Limits.none(), issuer)
        .vend(credential, request, attempt);
  }

  private TokenVendingMachine machine(
      List<Authenticator> methods, Policy rules, Limits limits, RecordingTokenIssuer minting) {
    return machine(methods, rules, limits, minting, audit);
  }

  private TokenVendingMachine machine(
      List<Authenticator> methods,
      Policy rules,
      Limits limits,
      RecordingTokenIssuer minting,
      ListAuditSink sink) {
    return new TokenVendingMachine(
        new Authentication(methods),
        Denials.none(),
        rules,
        limits,
        minting,
        new Recorder(sink),
        clock);
  }

  private static PresentedCredential bearer(String token) {
    return new BearerToken(Secret.of(token));
  }

  private static Unauthenticated unauthenticated(Reason reason) {
    return new Unauthenticated(reason, List.of(FakeTokenAuthenticator.CHALLENGE));
  }

  private static Principal caller(String subject, Set<String> groups) {
    return Principal.verified(ISSUER, subject, groups, Map.of(), Optional.empty());
  }

  private static String sha256(String token) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
