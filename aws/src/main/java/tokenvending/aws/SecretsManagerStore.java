package tokenvending.aws;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;
import tokenvending.aws.JsonService.Answer;
import tokenvending.secret.Secret;
import tokenvending.secret.SecretStore;
import tokenvending.text.Json;
import tokenvending.text.JsonObject;

/**
 * AWS Secrets Manager: a secret's current version, as text. Region and credentials come from where
 * the AWS SDK finds them (environment, profile, container or instance role). Nothing is read or
 * connected before the first question.
 *
 * <p>Not the extension that caches secrets for Lambda functions: that one wants the session token
 * from the environment, where a function restored from a snapshot has none.
 */
public final class SecretsManagerStore implements SecretStore {
  private static final String GET = "secretsmanager.GetSecretValue";

  /** For a silence, and for an answer's body; a look-up is two questions at most. */
  private static final Duration TIMEOUT = Duration.ofMillis(1_500);

  private final JsonService service;

  /**
   * Asks nothing yet.
   *
   * @param clock dates signatures
   * @param nanoTime a clock that never steps
   */
  public SecretsManagerStore(InstantSource clock, LongSupplier nanoTime) {
    this.service = new JsonService(JsonService.Service.SECRETS_MANAGER, TIMEOUT, clock, nanoTime);
  }

  @Override
  public Lookup find(String name) {
    try {
      Answer answer = ask(question(name));
      if (answer.status() != 200) {
        return unreadable(
            name,
            field(answer, "__type")
                // Some services put a name space before it.
                .map(type -> type.substring(type.indexOf('#') + 1))
                .orElse("status " + answer.status()));
      }
      return field(answer, "SecretString")
          .map(String::strip)
          .filter(text -> !text.isEmpty())
          .<Lookup>map(text -> new Lookup.Found(Secret.of(text)))
          .orElseGet(() -> unreadable(name, "it holds no text"));
    } catch (IOException e) {
      // Not its message: the kind says enough, and a message may name more than we want to log.
      return unreadable(name, e.getClass().getSimpleName());
    }
  }

  /** A second time where the first was in vain at once, for no reason of ours. */
  private Answer ask(byte[] question) throws IOException {
    try {
      Answer answer = service.ask(GET, question);
      if (answer.status() < 500 && answer.status() != 429) {
        return answer;
      }
    } catch (SocketTimeoutException e) {
      // A caller is waiting, and has waited enough.
      throw e;
    } catch (IOException e) {
      return service.ask(GET, question);
    }
    return service.ask(GET, question);
  }

  private static byte[] question(String name) {
    return new JsonObject().text("SecretId", name).utf8();
  }

  /** The text of a field at the top; empty where there is none. */
  private static Optional<String> field(Answer answer, String name) {
    return Json.object(answer.body()).flatMap(members -> members.text(name));
  }

  private static Lookup unreadable(String name, String why) {
    return new Lookup.Unreadable("the AWS secret " + name + " cannot be read (" + why + ")");
  }

  @Override
  public void rehearse() {
    try {
      service.rehearse(GET, question("nothing"));
    } catch (IOException e) {
      // Then the first question loads what it needs.
    }
  }

  @Override
  public void disconnect() {
    service.disconnect();
  }
}
