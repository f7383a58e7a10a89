package tokenvending.aws;

import java.io.IOException;
import java.util.Optional;

/**
 * In whose name AWS is asked, and in which region: what the SDKs of AWS find in the environment, in
 * a profile, or where a container or an instance has its role.
 */
interface Account extends AutoCloseable {
  /**
   * What requests are signed with.
   *
   * @param session of credentials that are lent for a while
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
   * Those of now: credentials that are lent are replaced in time.
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
    Optional<Account> told = EnvironmentAccount.find(AwsSettings.OF_PROCESS);
    return told.isPresent() ? told.get() : SdkAccount.find();
  }
}
