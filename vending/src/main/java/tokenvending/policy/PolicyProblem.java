package tokenvending.policy;

/**
 * An error or warning about a policy.
 *
 * @param path its location, such as {@code rules[1].permissions[0].topic}
 * @param message what is wrong, and what to write instead
 */
public record PolicyProblem(String path, String message) {}
