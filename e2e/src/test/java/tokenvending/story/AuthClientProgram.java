package tokenvending.story;

import static tokenvending.story.Clients.answer;

import java.time.Duration;
import momento.sdk.AuthClient;
import momento.sdk.CacheClient;
import momento.sdk.auth.CredentialProvider;
import momento.sdk.auth.accessControl.DisposableTokenScopes;
import momento.sdk.auth.accessControl.ExpiresIn;
import momento.sdk.config.Configurations;
import momento.sdk.responses.auth.GenerateDisposableTokenResponse;

/**
 * A user's program that knows nothing of local use: it takes an API key from its environment, mints
 * a token with it, and works with that token. Prints what came of each step.
 */
final class AuthClientProgram {

  /** The environment variable with the API key. */
  static final String API_KEY = "STORY_API_KEY";

  private AuthClientProgram() {}

  public static void main(String[] arguments) {
    try (AuthClient auth = AuthClient.create(CredentialProvider.fromEnvVar(API_KEY))) {
      GenerateDisposableTokenResponse response =
          answer(
              auth.generateDisposableTokenAsync(
                  DisposableTokenScopes.cacheReadWrite("default-cache"), ExpiresIn.minutes(5)));
      if (!(response instanceof GenerateDisposableTokenResponse.Success minted)) {
        System.out.println("mint: " + response);
        return;
      }
      System.out.println("endpoint: " + minted.endpoint());
      try (CacheClient cache =
          CacheClient.create(
              CredentialProvider.fromString(minted.authToken()),
              Configurations.Laptop.latest().withTimeout(Duration.ofSeconds(15)),
              Duration.ofMinutes(1))) {
        System.out.println(
            "set: " + answer(cache.set("default-cache", "key", "x")).getClass().getSimpleName());
        System.out.println(
            "get: " + answer(cache.get("default-cache", "key")).getClass().getSimpleName());
        System.out.println(
            "other: " + answer(cache.get("other-cache", "key")).getClass().getSimpleName());
      }
    }
  }
}
