package tokenvending.momentolocal.credential;

import io.grpc.stub.StreamObserver;
import tokenvending.momentolocal.call.CallError;
import tokenvending.momentolocal.call.CallResult;
import tokenvending.momentolocal.wire.SealedToken;
import tokenvending.momentolocal.wire.TokenGrpc;
import tokenvending.momentolocal.wire._GenerateDisposableTokenRequest;
import tokenvending.momentolocal.wire._GenerateDisposableTokenResponse;

/** {@code token.Token}: mints disposable tokens. */
public final class TokenService extends TokenGrpc.TokenImplBase {

  private final Minter minter;
  private final String endpoint;

  /**
   * Creates the service.
   *
   * @param endpoint the endpoint in each response
   */
  public TokenService(Minter minter, String endpoint) {
    this.minter = minter;
    this.endpoint = endpoint;
  }

  @Override
  public void generateDisposableToken(
      _GenerateDisposableTokenRequest request,
      StreamObserver<_GenerateDisposableTokenResponse> out) {
    Minter.Life life =
        request.hasExpires()
            ? new Minter.Life.Seconds(
                Integer.toUnsignedLong(request.getExpires().getValidForSeconds()))
            : new Minter.Life.Unsaid();
    CallResult<_GenerateDisposableTokenResponse> answer =
        switch (minter.mint(
            CallerKey.of(request.getAuthToken()),
            SealedToken.Kind.DISPOSABLE,
            life,
            request.getTokenId(),
            request.getPermissions())) {
          case CallResult.Reply<Minter.Minted>(Minter.Minted minted) ->
              new CallResult.Reply<>(
                  _GenerateDisposableTokenResponse.newBuilder()
                      .setApiKey(minted.key())
                      .setEndpoint(endpoint)
                      .setValidUntil(minted.validUntil())
                      .build());
          case CallResult.Refused<Minter.Minted>(CallError refusal) ->
              new CallResult.Refused<>(refusal);
        };
    answer.sendTo(out);
  }
}
