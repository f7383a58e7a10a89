package tokenvending.momentolocal.credential;

import io.grpc.stub.StreamObserver;
import tokenvending.momentolocal.call.CallError;
import tokenvending.momentolocal.call.CallResult;
import tokenvending.momentolocal.wire.AuthGrpc;
import tokenvending.momentolocal.wire.SealedToken;
import tokenvending.momentolocal.wire._GenerateApiTokenRequest;
import tokenvending.momentolocal.wire._GenerateApiTokenResponse;
import tokenvending.momentolocal.wire._RefreshApiTokenRequest;
import tokenvending.momentolocal.wire._RefreshApiTokenResponse;

/** {@code auth.Auth}: creates and refreshes API keys. */
public final class ApiKeyService extends AuthGrpc.AuthImplBase {

  private final Minter minter;
  private final String endpoint;

  /**
   * Creates the service.
   *
   * @param endpoint the endpoint in each response
   */
  public ApiKeyService(Minter minter, String endpoint) {
    this.minter = minter;
    this.endpoint = endpoint;
  }

  @Override
  public void generateApiToken(
      _GenerateApiTokenRequest request, StreamObserver<_GenerateApiTokenResponse> out) {
    Minter.Life life =
        switch (request.getExpiryCase()) {
          case NEVER -> new Minter.Life.Never();
          case EXPIRES ->
              new Minter.Life.Seconds(
                  Integer.toUnsignedLong(request.getExpires().getValidForSeconds()));
          case EXPIRY_NOT_SET -> new Minter.Life.Unsaid();
        };
    CallResult<_GenerateApiTokenResponse> answer =
        switch (minter.mint(
            CallerKey.of(request.getAuthToken()),
            SealedToken.Kind.API_KEY,
            life,
            request.getTokenId(),
            request.getPermissions())) {
          case CallResult.Reply<Minter.Minted>(Minter.Minted minted) ->
              new CallResult.Reply<>(
                  _GenerateApiTokenResponse.newBuilder()
                      .setApiKey(minted.key())
                      .setRefreshToken(minted.refreshToken())
                      .setEndpoint(endpoint)
                      .setValidUntil(minted.validUntil())
                      .build());
          case CallResult.Refused<Minter.Minted>(CallError refusal) ->
              new CallResult.Refused<>(refusal);
        };
    answer.sendTo(out);
  }

  @Override
  public void refreshApiToken(
      _RefreshApiTokenRequest request, StreamObserver<_RefreshApiTokenResponse> out) {
    CallResult<_RefreshApiTokenResponse> answer =
        switch (minter.refresh(CallerKey.of(request.getApiKey()), request.getRefreshToken())) {
          case CallResult.Reply<Minter.Minted>(Minter.Minted minted) ->
              new CallResult.Reply<>(
                  _RefreshApiTokenResponse.newBuilder()
                      .setApiKey(minted.key())
                      .setRefreshToken(minted.refreshToken())
                      .setEndpoint(endpoint)
                      .setValidUntil(minted.validUntil())
                      .build());
          case CallResult.Refused<Minter.Minted>(CallError refusal) ->
              new CallResult.Refused<>(refusal);
        };
    answer.sendTo(out);
  }
}
