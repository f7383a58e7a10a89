package tokenvending.story;

import java.net.URI;
import momento.sdk.auth.CredentialProvider;

/**
 * A token at an address without TLS: what a user's program passes to the cache client for local
 * use. The topic client asks it for the host alone, and always takes TLS and port 443.
 */
final class Plaintext extends CredentialProvider {

  private final CredentialProvider token;
  private final URI service;

  Plaintext(Token token, URI service) {
    this.token = CredentialProvider.fromString(token.text());
    this.service = service;
  }

  @Override
  public String getAuthToken() {
    return token.getAuthToken();
  }

  @Override
  public String getControlEndpoint() {
    return service.getHost();
  }

  @Override
  public String getCacheEndpoint() {
    return service.getHost();
  }

  @Override
  public String getStorageEndpoint() {
    return service.getHost();
  }

  @Override
  public String getTokenEndpoint() {
    return service.getHost();
  }

  @Override
  public boolean isEndpointSecure() {
    return false;
  }

  @Override
  public int getPort() {
    return service.getPort();
  }
}
