package tokenvending.story;

import java.net.URI;
import momento.sdk.auth.CredentialProvider;

/** A token at a service that is behind a {@link SecureEntrance} in this JVM. */
final class Secure extends CredentialProvider {

  private final CredentialProvider token;
  private final String name;

  Secure(Token token, URI service) {
    this.token = CredentialProvider.fromString(token.text());
    this.name = SecureEntrance.nameOf(service);
  }

  @Override
  public String getAuthToken() {
    return token.getAuthToken();
  }

  @Override
  public String getControlEndpoint() {
    return name;
  }

  @Override
  public String getCacheEndpoint() {
    return name;
  }

  @Override
  public String getStorageEndpoint() {
    return name;
  }

  @Override
  public String getTokenEndpoint() {
    return name;
  }

  @Override
  public boolean isEndpointSecure() {
    return true;
  }

  @Override
  public int getPort() {
    return 443;
  }
}
