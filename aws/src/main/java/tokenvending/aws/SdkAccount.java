package tokenvending.aws;

import java.io.IOException;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;

/** Region and credentials from AWS's SDK, which caches and renews credentials. */
final class SdkAccount implements Account {
  private final String region;
  private final DefaultCredentialsProvider credentials;

  private SdkAccount(String region, DefaultCredentialsProvider credentials) {
    this.region = region;
    this.credentials = credentials;
  }

  static SdkAccount find() throws IOException {
    try {
      String region =
          SdkSystemSetting.AWS_REGION
              .getStringValue()
              .map(Region::of)
              .orElseGet(() -> new DefaultAwsRegionProviderChain().getRegion())
              .id();
      return new SdkAccount(region, DefaultCredentialsProvider.builder().build());
    } catch (SdkException e) {
      throw new NoAccountException(e);
    }
  }

  @Override
  public String region() {
    return region;
  }

  @Override
  public Credentials credentials() throws IOException {
    try {
      AwsCredentials found = credentials.resolveCredentials();
      return new Credentials(
          found.accessKeyId(),
          found.secretAccessKey(),
          found instanceof AwsSessionCredentials lent
              ? Optional.of(lent.sessionToken())
              : Optional.empty());
    } catch (SdkException e) {
      throw new NoAccountException(e);
    }
  }

  @Override
  public void close() {
    credentials.close();
  }

  /** The region or the credentials are not configured. */
  static final class NoAccountException extends IOException {
    private static final long serialVersionUID = 1;

    NoAccountException(SdkException cause) {
      super("AWS's SDK found no region or no credentials", cause);
    }
  }
}
