package tokenvending.policy;

/**
 * Something wrong with a policy.
 *
 * @param path where, such as {@code rules[1].permissions[0].topic}
 * @param message what is wrong and what to write instead
 */
public record PolicyProblem(String path, String message) {}
