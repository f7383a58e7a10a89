package tokenvending.aws;

import java.io.IOException;
import java.util.Optional;

/**
 * The credentials and region of requests to AWS: what the SDKs of AWS find in the environment, in a
 * profile, or where a container or an instance has its role.
 */
interface Account extends AutoCloseable {
  /**
   * What requests are signed with.
   *
   * @param session the session token of temporary credentials
   */
  record Credentials(String id, String secret, Optional<String> session) {
    @Override
    public String toString() {
      return "credentials of " + id;
    }
  }

  /** As AWS names it: {@code us-west-2}. */
  String region();

  /**
   * The credentials of this moment: temporary ones are renewed in time.
   *
   * @throws IOException where there are none
   */
  Credentials credentials() throws IOException;

  @Override
  void close();

  /**
   * The account of this process.
   *
   * @throws IOException where there is no region
   */
  static Account ofProcess() throws IOException {
    Optional<Account> found = EnvironmentAccount.find(AwsSettings.OF_PROCESS);
    return found.isPresent() ? found.get() : SdkAccount.find();
  }
}
