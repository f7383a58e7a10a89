package tokenvending.authentication;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tokenvending.authentication.Argon2Hash.Cost;
import tokenvending.text.PlainText;

/** The users of the users file: password hashes and groups. Immutable; prints no names. */
public final class Users {
  // The hashing library keeps a work area for each cost it has used.
  static final int MOST_COSTS = 4;

  private final Map<String, User> byName;
  private final List<Cost> costs;

  /** One user. */
  public record User(Argon2Hash hash, Set<String> groups) {
    public User {
      groups = Set.copyOf(groups);
    }
  }

  private Users(Map<String, User> byName) {
    Map<String, User> prepared = new HashMap<>();
    byName.forEach((name, user) -> prepared.put(OpaqueString.of(name), user));
    this.byName = Map.copyOf(prepared);
    this.costs = byName.isEmpty() ? List.of(Argon2Hash.RECOMMENDED) : costs(byName);
  }

  /**
   * Creates the users by name.
   *
   * @throws IllegalArgumentException if they have a {@linkplain #problemWith problem}
   */
  public static Users of(Map<String, User> byName) {
    Optional<String> problem = problemWith(byName);
    if (problem.isPresent()) {
      throw new IllegalArgumentException(problem.get());
    }
    return new Users(byName);
  }

  /**
   * Returns why these users are invalid, in a sentence without names or hashes; empty if they are
   * valid.
   */
  public static Optional<String> problemWith(Map<String, User> byName) {
    for (String name : byName.keySet()) {
      if (PlainText.isBlank(name) || !PasswordAuthenticator.isAcceptable(name)) {
        return Optional.of(
            "a user name is blank, longer than 1024 bytes or holds a control character");
      }
      if (name.indexOf(':') >= 0) {
        // RFC 7617 §2: the first colon ends the name.
        return Optional.of("a user name holds a colon, so that its user could never sign in");
      }
    }
    if (byName.keySet().stream().map(OpaqueString::of).distinct().count() < byName.size()) {
      return Optional.of("two user names are the same after Unicode normalization (NFC)");
    }
    return costs(byName).size() > MOST_COSTS
        ? Optional.of("the hashes have more than 4 different settings (m, t, p, length)")
        : Optional.empty();
  }

  Optional<User> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** Returns the costs of the users' hashes in a fixed order; never empty. */
  List<Cost> costs() {
    return costs;
  }

  @Override
  public String toString() {
    return "Users[" + byName.size() + "]";
  }

  private static List<Cost> costs(Map<String, User> byName) {
    return byName.values().stream()
        .map(user -> user.hash().cost())
        .distinct()
        .sorted(
            Comparator.comparingInt(Cost::memory)
                .thenComparingInt(Cost::passes)
                .thenComparingInt(Cost::lanes)
                .thenComparingInt(Cost::length))
        .toList();
  }
}
