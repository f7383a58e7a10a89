package tokenvending.configuration;

import java.util.regex.Pattern;

/** The location of a credential; a file never contains one itself. */
public sealed interface SecretReference {
  /** {@code env:NAME}. */
  record Environment(String name) implements SecretReference {}

  /** {@code file:PATH}; a relative path is taken from the folder of the file that names it. */
  record File(java.nio.file.Path path) implements SecretReference {}

  /** {@code aws-secret:NAME}, in AWS Secrets Manager. */
  record AwsSecret(String name) implements SecretReference {
    /** The characters that AWS allows in the name of a secret, and those of its ARN. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9/_+=.@:-]{1,512}");

    /** Whether this can be the name or the ARN of a secret. */
    public static boolean isName(String text) {
      return NAME.matcher(text).matches();
    }
  }
}
