package tokenvending.configuration;

/** Where a credential is; a file never holds one itself. */
public sealed interface SecretReference {
  /** {@code env:NAME}. */
  record Environment(String name) implements SecretReference {}

  /** {@code file:PATH}; a relative path is taken from the folder of the file that names it. */
  record File(java.nio.file.Path path) implements SecretReference {}

  /** {@code aws-secret:NAME}, in AWS Secrets Manager. */
  record AwsSecret(String name) implements SecretReference {}
}
