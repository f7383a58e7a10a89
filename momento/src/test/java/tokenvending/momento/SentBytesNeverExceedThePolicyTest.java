package tokenvending.momento;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tokenvending.identity.Authentication;
import tokenvending.identity.PresentedCredential;
import tokenvending.identity.Principal;
import tokenvending.issuing.IssueDeadline;
import tokenvending.limits.Limits;
import tokenvending.momento.netty.NettyConnector;
import tokenvending.policy.Compilation;
import tokenvending.policy.Policy;
import tokenvending.policy.PolicyDocument;
import tokenvending.request.VendRequest;
import tokenvending.testing.Attempts;
import tokenvending.testing.FixedCallerAuthenticator;
import tokenvending.testing.NaiveEvaluator;
import tokenvending.testing.NaiveEvaluator.Call;
import tokenvending.testing.NaiveEvaluator.Verdict;
import tokenvending.testing.SentRequest;
import tokenvending.testing.Triples;
import tokenvending.vending.Denials;
import tokenvending.vending.Recorder;
import tokenvending.vending.Refusal;
import tokenvending.vending.TokenVendingMachine;
import tokenvending.vending.VendOutcome;

/**
 * Generated documents, callers and requests through the whole vend path: the bytes of the message
 * to the token service, read without the classes that wrote them, ask for exactly what {@link
 * NaiveEvaluator} grants; where it grants nothing, nothing is sent. One document in twenty goes
 * over a gRPC connection, which delivers messages as they are.
 */
@Tag("I1")
@Tag("I4")
@Tag("T1")
@Tag("T18")
final class SentBytesNeverExceedThePolicyTest {
  private static final int TRIPLES = 100_000;
  private static final int TRIPLES_PER_DOCUMENT = 50;
  private static final int DOCUMENTS_PER_CONNECTED_ONE = 20;

  private final long seed = Long.getLong("seed", 20260108L);
  private final Triples generated = new Triples(new Random(seed), Triples.WAYS_IN);
  private final FixedCallerAuthenticator caller = new FixedCallerAuthenticator();

  @Test
  void bytes_sent_to_mint_ask_for_exactly_what_the_document_says() {
    int triples = 0;
    int minted = 0;
    int narrowed = 0;
    Kept kept = new Kept();
    try (FakeTokenService service = FakeTokenService.issuing();
        IssuingRow connected = issuer(NettyConnector.nio(), MomentoTokenIssuerTest.at(service));
        IssuingRow unconnected = issuer(address -> kept, MomentoTokenIssuerTest.at(service))) {
      for (int documents = 0; triples < TRIPLES; documents++) {
        PolicyDocument document = generated.document();
        if (!(Policy.compile(document)
            instanceof Compilation.Compiled(Policy policy, var warnings))) {
          continue;
        }
        boolean overGrpc = documents % DOCUMENTS_PER_CONNECTED_ONE == 0;
        TokenVendingMachine machine = machine(policy, overGrpc ? connected : unconnected);
        for (int i = 0; i < TRIPLES_PER_DOCUMENT; i++) {
          Principal principal = generated.caller(document);
          VendRequest request = generated.request(document, principal);
          caller.is(principal);
          VendOutcome outcome =
              machine.vend(new PresentedCredential.None(), request, Attempts.at(Triples.NOW));
          List<ReceivedRequest> received = overGrpc ? service.takeRequests() : kept.takeRequests();
          try {
            minted += judge(document, principal, request, outcome, received);
          } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                "seed %d, triple %d: %s%ncaller %s %s %s%nrequest %s%nsent %s"
                    .formatted(
                        seed,
                        triples,
                        document,
                        principal.issuer(),
                        principal.subject(),
                        principal.groups(),
                        request,
                        received),
                e);
          }
          narrowed += !received.isEmpty() && request.narrower().isPresent() ? 1 : 0;
          triples++;
        }
      }
    }

    // Without these the test could hold for want of anything to look at.
    assertThat(minted).isGreaterThan(TRIPLES / 5);
    assertThat(narrowed).isGreaterThan(TRIPLES / 50);
    assertThat(triples - minted).isGreaterThan(TRIPLES / 5);
  }

  private static int judge(
      PolicyDocument document,
      Principal caller,
      VendRequest request,
      VendOutcome outcome,
      List<ReceivedRequest> received) {
    Optional<Verdict> verdict = NaiveEvaluator.decide(document, caller, request, Triples.NOW);
    if (verdict.isEmpty()) {
      require(received.isEmpty(), "sent what should be refused");
      require(outcome instanceof Refusal.NotPermitted, "answered " + outcome);
      return 0;
    }
    require(received.size() == 1, "sent " + received.size() + " requests to mint");
    require(outcome instanceof VendOutcome.Vended, "answered " + outcome);
    SentRequest sent = SentRequest.of(received.getFirst().bytes().toByteArray());
    for (Call call : NaiveEvaluator.witnesses(sent.statements())) {
      require(NaiveEvaluator.allows(verdict.get().statements(), call), "too much: " + call);
    }
    for (Call call : NaiveEvaluator.witnesses(verdict.get().statements())) {
      require(NaiveEvaluator.allows(sent.statements(), call), "too little: " + call);
    }
    require(
        new HashSet<>(sent.statements()).equals(new HashSet<>(verdict.get().statements())),
        "other statements: " + sent.statements());
    require(sent.seconds() == verdict.get().ttl().toSeconds(), "for " + sent.seconds() + " s");
    require(sent.tokenId().equals(verdict.get().id()), "as " + sent.tokenId());
    require(sent.key().equals("raw-key"), "by another key");
    return 1;
  }

  private TokenVendingMachine machine(Policy policy, IssuingRow issuer) {
    return new TokenVendingMachine(
        new Authentication(List.of(caller)),
        Denials.none(),
        policy,
        Limits.none(),
        issuer,
        new Recorder(event -> true),
        () -> Triples.NOW);
  }

  private static IssuingRow issuer(
      TokenServiceConnector connector, Optional<TokenServiceAddress> address) {
    return new IssuingRow(
        MomentoTokenIssuerTest.fixed(MomentoTokenIssuerTest.key("raw-key")),
        address,
        connector,
        IssueDeadline.USUAL,
        new CountingBudget(),
        () -> Triples.NOW,
        System::nanoTime,
        new Random(1));
  }

  /** Keeps what a connection would send, and answers as the token service does. */
  private static final class Kept implements TokenServiceConnection {
    private final GrpcReply answer = new GrpcReply.Message(FakeTokenService.good().bytes());
    private List<ReceivedRequest> requests = new ArrayList<>();

    @Override
    public GrpcReply call(ByteString message, Duration timeout) {
      requests.add(ReceivedRequest.of(message));
      return answer;
    }

    List<ReceivedRequest> takeRequests() {
      List<ReceivedRequest> taken = requests;
      requests = new ArrayList<>();
      return taken;
    }

    @Override
    public void awaitConnected(Duration timeout) {}

    @Override
    public void retire() {}

    @Override
    public void close() {}
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
