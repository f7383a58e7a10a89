package tokenvending.application;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tokenvending.authentication.Argon2Hash;
import tokenvending.authentication.Users;
import tokenvending.configuration.ConfigurationProblem;
import tokenvending.configuration.SecretReader;
import tokenvending.configuration.SecretReference;
import tokenvending.configuration.UsersDocument;
import tokenvending.configuration.UsersReader;
import tokenvending.configuration.UsersResult;
import tokenvending.observation.Input;
import tokenvending.observation.ReloadState;
import tokenvending.observation.ReloadState.Reload;

/**
 * The users of a file or an AWS secret, reloaded when it changes. If it becomes unusable, the
 * previous users stay in use. Each cause is logged once, and so is the recovery. Thread-safe.
 */
final class ReloadingUsers {
  private static final Duration FRESH_FILE = Duration.ofSeconds(1);

  /** How long a secret is cached, because reading it is a paid network call. */
  private static final Duration FRESH_SECRET = Duration.ofSeconds(60);

  private static final Logger LOG = LoggerFactory.getLogger(ReloadingUsers.class);

  private final SecretReference reference;
  private final SecretReader secrets;
  private final LongSupplier nanoTime;
  private final long freshNanos;
  private Optional<Users> known = Optional.empty();
  private final ReloadState state;
  private boolean looked;
  private long lookedAt;

  ReloadingUsers(
      SecretReference reference, SecretReader secrets, LongSupplier nanoTime, InstantSource clock) {
    this.state = new ReloadState(Input.USERS, clock);
    this.reference = reference;
    this.secrets = secrets;
    this.nanoTime = nanoTime;
    this.freshNanos =
        (reference instanceof SecretReference.AwsSecret ? FRESH_SECRET : FRESH_FILE).toNanos();
  }

  /** Returns the users; empty if they were never read successfully. */
  synchronized Optional<Users> users() {
    long now = nanoTime.getAsLong();
    if (!looked || now - lookedAt >= freshNanos) {
      looked = true;
      lookedAt = now;
      look();
    }
    return known;
  }

  /** Returns a sentence about why there are no users; empty if there are. */
  synchronized Optional<String> notReadyReason() {
    return users().isPresent() ? Optional.empty() : state.now().problem();
  }

  /** Whether the latest reading succeeded. */
  synchronized Reload reload() {
    var _ = users();
    return state.now();
  }

  private void look() {
    switch (read()) {
      case UsersResult.Read(UsersDocument document) -> take(document);
      case UsersResult.Unusable(List<ConfigurationProblem> problems) ->
          report(problems.isEmpty() ? "the users cannot be read" : problems.getFirst().toString());
    }
  }

  private UsersResult read() {
    if (reference instanceof SecretReference.File(Path path)) {
      return UsersReader.read(path);
    }
    return switch (secrets.read(reference)) {
      case SecretReader.Reading.Value(var text) -> UsersReader.parse(text.reveal(), "users");
      case SecretReader.Reading.Missing(String why) -> unusable(why);
      case SecretReader.Reading.Unreadable(String why) -> unusable(why);
    };
  }

  private static UsersResult unusable(String why) {
    return new UsersResult.Unusable(
        List.of(
            new ConfigurationProblem("users", 0, 0, "", why, ConfigurationProblem.Severity.ERROR)));
  }

  private void take(UsersDocument document) {
    Map<String, Users.User> byName = new HashMap<>();
    for (Map.Entry<String, UsersDocument.User> user : document.users().entrySet()) {
      switch (Argon2Hash.parse(user.getValue().hash())) {
        case Argon2Hash.Valid(Argon2Hash hash) ->
            byName.put(user.getKey(), new Users.User(hash, Set.copyOf(user.getValue().groups())));
        case Argon2Hash.Refused(String why) -> {
          report("users: the hash of one user: " + why);
          return;
        }
      }
    }
    Optional<String> unfit = Users.problemWith(byName);
    if (unfit.isPresent()) {
      report("users: " + unfit.get());
      return;
    }
    if (state.succeeded()) {
      LOG.atInfo().log("the users can be read again");
    }
    known = Optional.of(Users.of(byName));
  }

  private void report(String why) {
    if (state.failed(why)) {
      LOG.atError()
          .addKeyValue("problem", why)
          .log(
              known.isPresent()
                  ? "the users cannot be read; the last ones stay in use"
                  : "the users cannot be read");
    }
  }
}
