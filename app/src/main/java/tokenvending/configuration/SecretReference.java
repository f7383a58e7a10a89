package tokenvending.configuration;

import java.util.regex.Pattern;

/** The location of a credential; {@code tvm.yaml} never contains the credential itself. */
public sealed interface SecretReference {
  /** {@code env:NAME}. */
  record Environment(String name) implements SecretReference {}

  /** {@code file:PATH}; a relative path is resolved against the folder of {@code tvm.yaml}. */
  record File(java.nio.file.Path path) implements SecretReference {}

  /** {@code aws-secret:NAME}, in AWS Secrets Manager. */
  record AwsSecret(String name) implements SecretReference {
    /** The characters that AWS allows in the name of a secret and in its ARN. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9/_+=.@:-]{1,512}");

    /** Whether the text can be the name or the ARN of a secret. */
    public static boolean isName(String text) {
      return NAME.matcher(text).matches();
    }
  }
}
