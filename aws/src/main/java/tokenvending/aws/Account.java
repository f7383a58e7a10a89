package tokenvending.aws;

import java.io.IOException;
import java.util.Optional;

/**
 * The credentials and region of requests to AWS, from the sources of AWS's SDKs: environment,
 * profile, container role or instance role.
 */
interface Account extends AutoCloseable {
  /**
   * Credentials for signing requests.
   *
   * @param session the session token of temporary credentials
   */
  record Credentials(String id, String secret, Optional<String> session) {
    @Override
    public String toString() {
      return "credentials of " + id;
    }
  }

  /** The region, such as {@code us-west-2}. */
  String region();

  /**
   * Returns current credentials; temporary ones are renewed in time.
   *
   * @throws IOException if there are none
   */
  Credentials credentials() throws IOException;

  @Override
  void close();

  /**
   * Returns the account of this process.
   *
   * @throws IOException if no region is set
   */
  static Account ofProcess() throws IOException {
    Optional<Account> found = EnvironmentAccount.find(AwsSettings.OF_PROCESS);
    return found.isPresent() ? found.get() : SdkAccount.find();
  }
}
