package tokenvending.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.regions.EndpointTag;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.ServiceEndpointKey;
import software.amazon.awssdk.regions.ServiceMetadata;

/**
 * One of AWS's services that take JSON over HTTP (its AWS JSON protocols 1.0 and 1.1), by the JDK's
 * client. The SDK's clients are left out: one loads two thousand classes for five operations, which
 * takes longer than all the rest of a start.
 */
final class JsonService implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(1);

  /** A page of DynamoDB is a megabyte of values, and may be several with their kinds and names. */
  private static final int MOST_BYTES = 8 << 20;

  /** Regions of AWS's usual partition and of its government one, which have one suffix. */
  private static final Pattern USUAL_REGION =
      Pattern.compile(
          "(?:us|us-gov|eu|ap|sa|ca|me|af|il|mx)-(?:north|south|east|west|central)+-\\d");

  /** Which one. */
  enum Service {
    SECRETS_MANAGER(
        "secretsmanager",
        "application/x-amz-json-1.1",
        "aws.endpointUrlSecretsManager",
        "AWS_ENDPOINT_URL_SECRETS_MANAGER"),
    DYNAMODB(
        "dynamodb",
        "application/x-amz-json-1.0",
        "aws.endpointUrlDynamoDb",
        "AWS_ENDPOINT_URL_DYNAMODB");

    /** As signatures and addresses have it. */
    private final String id;

    private final String contentType;
    private final String endpointProperty;
    private final String endpointVariable;

    Service(String id, String contentType, String endpointProperty, String endpointVariable) {
      this.id = id;
      this.contentType = contentType;
      this.endpointProperty = endpointProperty;
      this.endpointVariable = endpointVariable;
    }

    /** Where it is asked: at AWS's own address in a region, unless somebody set another one. */
    private Way way() throws IOException {
      // Before there is an account, which somebody would have to close.
      Optional<URI> told = told();
      Account account = Account.ofProcess();
      try {
        return new Way(
            account, told.isPresent() ? told.get() : endpoint(account.region(), isFipsWanted()));
      } catch (IOException | RuntimeException e) {
        account.close();
        throw e;
      }
    }

    private Optional<URI> told() throws BadSettingException {
      Optional<String> told =
          AwsSettings.OF_PROCESS
              .find(endpointProperty, endpointVariable)
              .or(() -> AwsSettings.OF_PROCESS.find("aws.endpointUrl", "AWS_ENDPOINT_URL"));
      return told.isPresent() ? Optional.of(address(told.get())) : Optional.empty();
    }

    private static boolean isFipsWanted() {
      return AwsSettings.OF_PROCESS
          .find("aws.useFipsEndpoint", "AWS_USE_FIPS_ENDPOINT")
          .map(Boolean::parseBoolean)
          .orElse(false);
    }

    /** AWS's own address of it in a region. */
    URI endpoint(String region, boolean fips) throws BadSettingException {
      if (!fips && USUAL_REGION.matcher(region).matches()) {
        return URI.create("https://" + id + "." + region + ".amazonaws.com");
      }
      ServiceEndpointKey.Builder key = ServiceEndpointKey.builder().region(Region.of(region));
      if (fips) {
        key.tags(EndpointTag.FIPS);
      }
      return address("https://" + ServiceMetadata.of(id).endpointFor(key.build()));
    }
  }

  private static URI address(String text) throws BadSettingException {
    try {
      URI address = new URI(text);
      if (address.getHost() != null
          && ("https".equalsIgnoreCase(address.getScheme())
              || "http".equalsIgnoreCase(address.getScheme()))) {
        return address;
      }
    } catch (URISyntaxException e) {
      // As where it is one of something else: not repeated, since it may hold a password.
    }
    throw new BadSettingException("an endpoint of AWS is not of the form https://HOST");
  }

  /** A setting of this process, or its credentials, cannot be what it says. */
  static final class BadSettingException extends IOException {
    private static final long serialVersionUID = 1;

    BadSettingException(String message) {
      super(message);
    }
  }

  /**
   * The way to it.
   *
   * @param account who asks
   */
  record Way(Account account, URI endpoint) {}

  /** Finds the way when it is needed first. */
  @FunctionalInterface
  interface WayFinder {
    Way find() throws IOException;
  }

  /**
   * What the service said.
   *
   * @param body JSON
   * @param date by the service's clock, as HTTP writes it; empty where it did not say
   */
  record Answer(int status, String body, Optional<String> date) {
    /** The body may be a secret. */
    @Override
    public String toString() {
      return "answer of status " + status;
    }
  }

  private final Service service;
  private final WayFinder wayFinder;
  private final Duration timeout;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final Object lock = new Object();
  private Optional<Way> way = Optional.empty();
  private boolean closed;

  /**
   * Connects nothing yet.
   *
   * @param timeout how long the service may be silent, and how long an answer's body may take from
   *     its begin to its end
   * @param clock dates signatures
   * @param nanoTime a clock that never steps
   */
  JsonService(
      Service service,
      WayFinder wayFinder,
      Duration timeout,
      InstantSource clock,
      LongSupplier nanoTime) {
    this.service = service;
    this.wayFinder = wayFinder;
    this.timeout = timeout;
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  /** By the account of this process. */
  JsonService(Service service, Duration timeout, InstantSource clock, LongSupplier nanoTime) {
    this(service, service::way, timeout, clock, nanoTime);
  }

  /**
   * Asks once: where there is no answer, the question may have been heard all the same.
   *
   * @param target version of the service and operation
   * @throws IOException where there was no answer, no region or no credentials
   */
  Answer ask(String target, byte[] question) throws IOException {
    try {
      return send(target, question);
    } catch (IllegalArgumentException e) {
      // The JDK repeats what it cannot send, and that may be the session's token.
      throw new BadSettingException("a setting of AWS holds what cannot be sent");
    }
  }

  private Answer send(String target, byte[] question) throws IOException {
    Way open = way();
    HttpURLConnection call = call(open, open.account().credentials(), target, question);
    // What it keeps for itself the JDK sends again where a connection ends before the status.
    call.setFixedLengthStreamingMode(question.length);
    try (OutputStream out = call.getOutputStream()) {
      out.write(question);
    }
    int status = call.getResponseCode();
    try (InputStream body = status < 400 ? call.getInputStream() : orNothing(call)) {
      return new Answer(
          status, new String(whole(body), UTF_8), Optional.ofNullable(call.getHeaderField("Date")));
    }
  }

  /** The JDK bounds a silence only, and neither the time of an answer nor its size. */
  private byte[] whole(InputStream body) throws IOException {
    long begun = nanoTime.getAsLong();
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    byte[] part = new byte[8_192];
    int length = body.read(part);
    while (length >= 0) {
      whole.write(part, 0, length);
      if (whole.size() > MOST_BYTES) {
        throw new IOException("an answer of AWS is too long");
      }
      if (nanoTime.getAsLong() - begun > timeout.toNanos()) {
        throw new SocketTimeoutException("an answer of AWS takes too long");
      }
      length = body.read(part);
    }
    return whole.toByteArray();
  }

  private static InputStream orNothing(HttpURLConnection call) {
    @Nullable InputStream body = call.getErrorStream();
    return body == null ? InputStream.nullInputStream() : body;
  }

  /** All but the connection. */
  private HttpURLConnection call(
      Way open, Account.Credentials credentials, String target, byte[] question)
      throws IOException {
    HttpURLConnection call =
        (HttpURLConnection) open.endpoint().resolve("/").toURL().openConnection();
    call.setRequestMethod("POST");
    call.setDoOutput(true);
    call.setUseCaches(false);
    call.setInstanceFollowRedirects(false);
    call.setConnectTimeout((int) CONNECT.toMillis());
    call.setReadTimeout((int) timeout.toMillis());
    Map<String, String> headers =
        Map.of("Content-Type", service.contentType, "X-Amz-Target", target);
    headers.forEach(call::setRequestProperty);
    Map<String, String> signed = new HashMap<>(headers);
    signed.put("Host", host(call.getURL()));
    Signature.sign(
            credentials, open.account().region(), service.id, signed, question, clock.instant())
        .forEach(call::setRequestProperty);
    return call;
  }

  /** As the JDK writes the header. */
  private static String host(URL url) {
    return url.getPort() == -1 || url.getPort() == url.getDefaultPort()
        ? url.getHost()
        : url.getHost() + ":" + url.getPort();
  }

  /**
   * Goes as far as a question can without credentials and without a connection: a signature by
   * nobody, and the first message of a TLS session that never begins. A session that did would be
   * resumed by every process that is restored from one snapshot.
   */
  void rehearse(String target, byte[] question) throws IOException {
    Way open = way();
    Account.Credentials nobody = new Account.Credentials("nobody", "nothing", Optional.empty());
    var _ = call(open, nobody, target, question);
    try {
      SSLEngine engine = SSLContext.getDefault().createSSLEngine(open.endpoint().getHost(), 443);
      engine.setUseClientMode(true);
      engine.beginHandshake();
      ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
      var _ = engine.wrap(ByteBuffer.allocate(0), hello);
    } catch (NoSuchAlgorithmException e) {
      throw new IOException(e);
    }
  }

  private Way way() throws IOException {
    synchronized (lock) {
      if (closed) {
        throw new IOException("closed");
      }
      if (way.isEmpty()) {
        way = Optional.of(wayFinder.find());
      }
      return way.get();
    }
  }

  /** Forgets the way; the next question finds one again. */
  void disconnect() {
    synchronized (lock) {
      way.map(Way::account).ifPresent(Account::close);
      way = Optional.empty();
    }
  }

  /** For good: a question that comes late finds no account that nobody would close. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      disconnect();
    }
  }
}
