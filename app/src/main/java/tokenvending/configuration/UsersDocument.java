package tokenvending.configuration;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A parsed users file.
 *
 * @param users by name, in the order of the file
 */
public record UsersDocument(Map<String, User> users) {
  public UsersDocument {
    users = new LinkedHashMap<>(users);
  }

  /**
   * One user in the file.
   *
   * @param hash an argon2id hash in the usual form, {@code $argon2id$v=19$m=…}
   */
  public record User(String hash, List<String> groups) {
    public User {
      groups = List.copyOf(groups);
    }

    /** Omits the hash, which could be used to guess the password. */
    @Override
    public String toString() {
      return "User[groups=" + groups + "]";
    }
  }
}
