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
import tokenvending.text.Json;

/**
 * Calls a service of AWS that takes JSON over HTTP (AWS JSON protocols 1.0 and 1.1). The only place
 * that sends requests to AWS; thread-safe.
 *
 * <ul>
 *   <li>Endpoint: the service's own in the account's region, or the one that AWS's settings name
 *       ({@code AWS_ENDPOINT_URL} and its forms, {@code AWS_USE_FIPS_ENDPOINT}).
 *   <li>Signing: each request by {@link Signature} (Signature Version 4), with its headers and
 *       body, by the credentials of that moment.
 *   <li>Retries: {@link #call} sends once, since a request without a response may have been carried
 *       out. {@link #callTwice} sends a read once more after a failure that was not a timeout.
 *   <li>Limits: 1 s to connect, {@code timeout} of silence and for the body, 8 MiB of body. No
 *       redirects.
 * </ul>
 *
 * <p>AWS's SDK is used for regions, endpoints and credentials only: one of its clients loads two
 * thousand classes for five operations, which takes longer than all the rest of a start.
 */
final class JsonService implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(1);

  /**
   * The largest response. A page of DynamoDB has a megabyte of values, and several with types and
   * names.
   */
  private static final int MOST_BYTES = 8 << 20;

  /**
   * The regions of AWS's standard partition and its US government partition, which share a suffix.
   */
  private static final Pattern USUAL_REGION =
      Pattern.compile(
          "(?:us|us-gov|eu|ap|sa|ca|me|af|il|mx)-(?:north|south|east|west|central)+-\\d");

  /** The services in use. */
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

    /** The name in signatures and host names. */
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

    /** Returns the account of this process, and the service's endpoint for it. */
    private Access access() throws IOException {
      // Before an account is opened, which would have to be closed after a failure.
      Optional<URI> configured = configured();
      Account account = Account.ofProcess();
      try {
        return new Access(
            account,
            configured.isPresent() ? configured.get() : endpoint(account.region(), isFipsWanted()));
      } catch (IOException | RuntimeException e) {
        account.close();
        throw e;
      }
    }

    private Optional<URI> configured() throws BadSettingException {
      Optional<String> url =
          AwsSettings.OF_PROCESS
              .find(endpointProperty, endpointVariable)
              .or(() -> AwsSettings.OF_PROCESS.find("aws.endpointUrl", "AWS_ENDPOINT_URL"));
      return url.isPresent() ? Optional.of(address(url.get())) : Optional.empty();
    }

    private static boolean isFipsWanted() {
      return AwsSettings.OF_PROCESS
          .find("aws.useFipsEndpoint", "AWS_USE_FIPS_ENDPOINT")
          .map(Boolean::parseBoolean)
          .orElse(false);
    }

    /** Returns AWS's endpoint of the service in a region. */
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
      // The value is not repeated, because it can contain a password.
    }
    throw new BadSettingException("an endpoint of AWS is not of the form https://HOST");
  }

  /** A setting or the credentials of this process are invalid. */
  static final class BadSettingException extends IOException {
    private static final long serialVersionUID = 1;

    BadSettingException(String message) {
      super(message);
    }
  }

  /** The account that signs requests, and the endpoint. */
  record Access(Account account, URI endpoint) {}

  /** Finds the access when it is first needed. */
  @FunctionalInterface
  interface AccessFinder {
    Access find() throws IOException;
  }

  /**
   * A response.
   *
   * @param body JSON, unless a proxy responded
   * @param date the service's time in HTTP's format; empty if there is none
   */
  record Response(int status, String body, Optional<String> date) {
    /** Returns the error code without its namespace, or the status if there is none. */
    String error() {
      return Json.object(body)
          .flatMap(members -> members.text("__type"))
          .map(type -> type.substring(type.indexOf('#') + 1))
          .filter(code -> !code.isEmpty())
          .orElse("status " + status);
    }

    /** Omits the body, which can be a secret. */
    @Override
    public String toString() {
      return "response of status " + status;
    }
  }

  private final Service service;
  private final AccessFinder accessFinder;
  private final Duration timeout;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final Object lock = new Object();
  private Optional<Access> access = Optional.empty();
  private boolean closed;

  /**
   * Does not connect.
   *
   * @param timeout the timeout for a response, and for its whole body
   * @param clock dates signatures
   * @param nanoTime a monotonic clock
   */
  JsonService(
      Service service,
      AccessFinder accessFinder,
      Duration timeout,
      InstantSource clock,
      LongSupplier nanoTime) {
    this.service = service;
    this.accessFinder = accessFinder;
    this.timeout = timeout;
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  /** Creates a client with the account of this process. */
  JsonService(Service service, Duration timeout, InstantSource clock, LongSupplier nanoTime) {
    this(service, service::access, timeout, clock, nanoTime);
  }

  /**
   * Sends a request once.
   *
   * @param target version of the service and operation
   * @throws IOException if there was no response, region or credential
   */
  Response call(String target, byte[] request) throws IOException {
    try {
      return send(target, request);
    } catch (IllegalArgumentException e) {
      // The JDK's message repeats the value, which can be the session token.
      throw new BadSettingException("a setting of AWS holds what cannot be sent");
    }
  }

  /**
   * Sends a read, and repeats it once after a failure that can be temporary and was not a timeout.
   *
   * @throws IOException as {@link #call}
   */
  Response callTwice(String target, byte[] request) throws IOException {
    try {
      Response response = call(target, request);
      if (response.status() < 500 && response.status() != 429) {
        return response;
      }
    } catch (SocketTimeoutException e) {
      // The caller has waited long enough.
      throw e;
    } catch (IOException e) {
      return call(target, request);
    }
    return call(target, request);
  }

  private Response send(String target, byte[] request) throws IOException {
    Access open = access();
    HttpURLConnection call = call(open, open.account().credentials(), target, request);
    // The JDK would repeat a buffered request if the connection ends before the status.
    call.setFixedLengthStreamingMode(request.length);
    try (OutputStream out = call.getOutputStream()) {
      out.write(request);
    }
    int status = call.getResponseCode();
    try (InputStream body = status < 400 ? call.getInputStream() : orNothing(call)) {
      return new Response(
          status, new String(whole(body), UTF_8), Optional.ofNullable(call.getHeaderField("Date")));
    }
  }

  /** Reads a body within a time and a size, because the JDK limits only the time between bytes. */
  private byte[] whole(InputStream body) throws IOException {
    long begun = nanoTime.getAsLong();
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    byte[] part = new byte[8_192];
    int length = body.read(part);
    while (length >= 0) {
      whole.write(part, 0, length);
      if (whole.size() > MOST_BYTES) {
        throw new IOException("a response of AWS is too long");
      }
      if (nanoTime.getAsLong() - begun > timeout.toNanos()) {
        throw new SocketTimeoutException("a response of AWS takes too long");
      }
      length = body.read(part);
    }
    return whole.toByteArray();
  }

  private static InputStream orNothing(HttpURLConnection call) {
    @Nullable InputStream body = call.getErrorStream();
    return body == null ? InputStream.nullInputStream() : body;
  }

  /** Creates the call without connecting. */
  private HttpURLConnection call(
      Access open, Account.Credentials credentials, String target, byte[] request)
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
            credentials, open.account().region(), service.id, signed, request, clock.instant())
        .forEach(call::setRequestProperty);
    return call;
  }

  /** Returns the Host header as the JDK writes it. */
  private static String host(URL url) {
    return url.getPort() == -1 || url.getPort() == url.getDefaultPort()
        ? url.getHost()
        : url.getHost() + ":" + url.getPort();
  }

  /**
   * Loads the classes of a request and runs them, without credentials or a connection: {@link
   * #primeSignature}, and a ClientHello that is not sent. A real TLS session would be resumed by
   * every process restored from the snapshot.
   */
  void prime(String target, byte[] request) throws IOException {
    primeSignature(target, request);
    Access open = access();
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

  /** Signs a request with made-up credentials, without sending it. */
  void primeSignature(String target, byte[] request) throws IOException {
    Account.Credentials fake = new Account.Credentials("priming", "priming", Optional.empty());
    var _ = call(access(), fake, target, request);
  }

  private Access access() throws IOException {
    synchronized (lock) {
      if (closed) {
        throw new IOException("closed");
      }
      if (access.isEmpty()) {
        access = Optional.of(accessFinder.find());
      }
      return access.get();
    }
  }

  /** Drops the access; the next request finds it again. */
  void disconnect() {
    synchronized (lock) {
      access.map(Access::account).ifPresent(Account::close);
      access = Optional.empty();
    }
  }

  /** Closes permanently: a late request does not open another account. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      disconnect();
    }
  }
}
