package tokenvending.configuration;

import java.util.List;

/** The result of reading a users file. */
public sealed interface UsersResult {
  record Read(UsersDocument users) implements UsersResult {}

  /**
   * The file is invalid.
   *
   * @param problems in the order of the file
   */
  record Unusable(List<ConfigurationProblem> problems) implements UsersResult {
    public Unusable {
      problems = List.copyOf(problems);
    }
  }
}
