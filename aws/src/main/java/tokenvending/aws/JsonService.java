package tokenvending.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.regions.EndpointTag;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.ServiceEndpointKey;
import software.amazon.awssdk.regions.ServiceMetadata;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.utils.SystemSetting;

/**
 * One of AWS's services that take JSON over HTTP, and the account's way to it. Credentials, region
 * and signatures are the AWS SDK's. Its client is left out: it loads the addresses of every service
 * of AWS and the machinery for all of them, which takes longer than all the rest of a start.
 */
final class JsonService implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(1);
  private static final Duration ANSWER = Duration.ofMillis(1_500);

  /** Regions of AWS's usual partition and of its government one, which have one suffix. */
  private static final Pattern USUAL_REGION =
      Pattern.compile(
          "(?:us|us-gov|eu|ap|sa|ca|me|af|il|mx)-(?:north|south|east|west|central)+-\\d");

  private final String name;
  private final SystemSetting ownEndpoint;
  private final Object lock = new Object();
  private Optional<Access> access = Optional.empty();

  private record Access(
      Region region, URI endpoint, AwsCredentialsProvider credentials, SdkHttpClient http) {}

  /**
   * What the service said.
   *
   * @param body JSON
   */
  record Answer(int status, String body) {}

  /**
   * Connects nothing yet.
   *
   * @param name as signatures and addresses have it
   * @param ownEndpoint an address for this service alone
   */
  JsonService(String name, SystemSetting ownEndpoint) {
    this.name = name;
    this.ownEndpoint = ownEndpoint;
  }

  /**
   * Asks once.
   *
   * @param target version of the service and operation
   * @throws IOException where there was no answer
   * @throws software.amazon.awssdk.core.exception.SdkException without credentials or region
   */
  Answer ask(String target, byte[] question) throws IOException {
    Access way = access();
    SignedRequest signed = signed(way, way.credentials().resolveCredentials(), target, question);
    HttpExecuteResponse answer = way.http().prepareRequest(executable(signed)).call();
    try (InputStream body =
        answer.responseBody().<InputStream>map(in -> in).orElse(InputStream.nullInputStream())) {
      return new Answer(answer.httpResponse().statusCode(), new String(body.readAllBytes(), UTF_8));
    }
  }

  private SignedRequest signed(
      Access way, AwsCredentialsIdentity identity, String target, byte[] question) {
    SdkHttpRequest request =
        SdkHttpRequest.builder()
            .method(SdkHttpMethod.POST)
            .uri(way.endpoint())
            .putHeader("Content-Type", "application/x-amz-json-1.1")
            .putHeader("X-Amz-Target", target)
            .build();
    return AwsV4HttpSigner.create()
        .sign(
            sign ->
                sign.identity(identity)
                    .request(request)
                    .payload(() -> new ByteArrayInputStream(question))
                    .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, name)
                    .putProperty(AwsV4HttpSigner.REGION_NAME, way.region().id()));
  }

  private static HttpExecuteRequest executable(SignedRequest signed) {
    return HttpExecuteRequest.builder()
        .request(signed.request())
        .contentStreamProvider(signed.payload().orElseThrow())
        .build();
  }

  /**
   * Goes as far as a question can without credentials and without a connection: a signature by
   * nobody, and the first message of a TLS session that never begins. A session that did would be
   * resumed by every process that is restored from one snapshot.
   */
  void rehearse(String target, byte[] question) throws IOException {
    Access way = access();
    SignedRequest signed =
        signed(way, AwsBasicCredentials.create("nobody", "nothing"), target, question);
    var _ = way.http().prepareRequest(executable(signed));
    try {
      SSLEngine engine = SSLContext.getDefault().createSSLEngine(way.endpoint().getHost(), 443);
      engine.setUseClientMode(true);
      engine.beginHandshake();
      ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
      var _ = engine.wrap(ByteBuffer.allocate(0), hello);
    } catch (NoSuchAlgorithmException e) {
      throw new IOException(e);
    }
  }

  private Access access() {
    synchronized (lock) {
      Access open = access.orElseGet(this::open);
      access = Optional.of(open);
      return open;
    }
  }

  private Access open() {
    Region region =
        SdkSystemSetting.AWS_REGION
            .getStringValue()
            .map(Region::of)
            .orElseGet(() -> new DefaultAwsRegionProviderChain().getRegion());
    return new Access(
        region,
        endpoint(region),
        credentials(),
        UrlConnectionHttpClient.builder().connectionTimeout(CONNECT).socketTimeout(ANSWER).build());
  }

  private URI endpoint(Region region) {
    Optional<String> given =
        ownEndpoint.getStringValue().or(Setting.ENDPOINT_OF_ALL::getStringValue);
    if (given.isPresent()) {
      return URI.create(given.get());
    }
    return endpoint(
        name, region, SdkSystemSetting.AWS_USE_FIPS_ENDPOINT.getBooleanValue().orElse(false));
  }

  /** AWS's own address of a service in a region. */
  static URI endpoint(String name, Region region, boolean fips) {
    if (!fips && USUAL_REGION.matcher(region.id()).matches()) {
      return URI.create("https://" + name + "." + region.id() + ".amazonaws.com");
    }
    ServiceEndpointKey.Builder key = ServiceEndpointKey.builder().region(region);
    if (fips) {
      key.tags(EndpointTag.FIPS);
    }
    return URI.create("https://" + ServiceMetadata.of(name).endpointFor(key.build()));
  }

  /** The SDK's whole chain is long; where it ends is known in most functions. */
  private static AwsCredentialsProvider credentials() {
    boolean inEnvironment =
        System.getProperty(SdkSystemSetting.AWS_ACCESS_KEY_ID.property()) == null
            && System.getenv(SdkSystemSetting.AWS_ACCESS_KEY_ID.environmentVariable()) != null;
    return inEnvironment
        ? EnvironmentVariableCredentialsProvider.create()
        : DefaultCredentialsProvider.builder().build();
  }

  @Override
  public void close() {
    synchronized (lock) {
      access.map(Access::http).ifPresent(SdkHttpClient::close);
      access
          .map(Access::credentials)
          .filter(DefaultCredentialsProvider.class::isInstance)
          .map(DefaultCredentialsProvider.class::cast)
          .ifPresent(DefaultCredentialsProvider::close);
      access = Optional.empty();
    }
  }

  /** Addresses other than AWS's own, as its SDKs name them. */
  enum Setting implements SystemSetting {
    ENDPOINT_OF_ALL("aws.endpointUrl", "AWS_ENDPOINT_URL"),
    ENDPOINT_OF_SECRETS_MANAGER(
        "aws.endpointUrlSecretsManager", "AWS_ENDPOINT_URL_SECRETS_MANAGER");

    private final String property;
    private final String environmentVariable;

    Setting(String property, String environmentVariable) {
      this.property = property;
      this.environmentVariable = environmentVariable;
    }

    @Override
    public String property() {
      return property;
    }

    @Override
    public String environmentVariable() {
      return environmentVariable;
    }

    @Override
    @SuppressWarnings("NullAway") // the SDK's word for "there is none"
    public String defaultValue() {
      return null;
    }
  }
}
