package tokenvending.configuration;

import java.util.List;

/** What became of a users file: the users, or all that is wrong with it. */
public sealed interface UsersResult {
  record Read(UsersDocument users) implements UsersResult {}

  /**
   * Not good.
   *
   * @param problems in the order of the file
   */
  record Unusable(List<ConfigurationProblem> problems) implements UsersResult {
    public Unusable {
      problems = List.copyOf(problems);
    }
  }
}
