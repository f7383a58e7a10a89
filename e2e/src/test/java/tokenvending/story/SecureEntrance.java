package tokenvending.story;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * Puts TLS in front of services that have none, for every name under one domain and port 443: an
 * HTTP proxy (RFC 9110 §9.3.6, CONNECT) that, instead of dialling out, answers as the server that
 * was asked for. So clients that can leave neither TLS nor port 443 reach a service on this
 * machine, and nobody has to be root.
 */
final class SecureEntrance implements AutoCloseable {

  private static final String DOMAIN = "story.localhost";
  private static final String PASSWORD = "changeit";
  private static final String TRUST_STORE = "javax.net.ssl.trustStore";
  private static final String TRUST_STORE_PASSWORD = "javax.net.ssl.trustStorePassword";

  /** In a name, the port of the service that the name stands for. */
  private static final Pattern NAMED_PORT = Pattern.compile("[a-z]+-([0-9]+)\\..*");

  private final ServerSocket entrance;
  private final Optional<URI> service;
  private final SSLContext tls;
  private final Path keys;
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final Optional<ProxySelector> before = Optional.ofNullable(ProxySelector.getDefault());

  private SecureEntrance(ServerSocket entrance, Optional<URI> service, SSLContext tls, Path keys) {
    this.entrance = entrance;
    this.service = service;
    this.tls = tls;
    this.keys = keys;
  }

  /** In front of {@code service}, whatever the name. */
  static SecureEntrance to(URI service) throws IOException, GeneralSecurityException {
    return open(Optional.of(service));
  }

  /**
   * For the clients in this JVM: in front of the service on this machine whose port the name holds,
   * as {@link #nameOf} makes it. Until it is closed this JVM finds and trusts it.
   */
  static SecureEntrance here() throws IOException, GeneralSecurityException {
    SecureEntrance entrance = open(Optional.empty());
    ProxySelector.setDefault(new ToEntrance(entrance.entrance.getLocalPort()));
    System.setProperty(TRUST_STORE, entrance.keys.toString());
    System.setProperty(TRUST_STORE_PASSWORD, PASSWORD);
    return entrance;
  }

  /** The name by which {@code service} is behind an entrance that was opened {@link #here}. */
  static String nameOf(URI service) {
    return "cache-" + service.getPort() + "." + DOMAIN;
  }

  private static SecureEntrance open(Optional<URI> service)
      throws IOException, GeneralSecurityException {
    Path keys = Files.createTempDirectory("tvm-story").resolve("keys.p12");
    generateKeys(keys);
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keys)) {
      store.load(in, PASSWORD.toCharArray());
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, PASSWORD.toCharArray());
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(managers.getKeyManagers(), null, null);

    ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    SecureEntrance entrance = new SecureEntrance(socket, service, tls, keys);
    Thread.ofVirtual().start(entrance::accept);
    return entrance;
  }

  /** What another JVM must be told to come in by here, and to trust what it finds. */
  List<String> jvmOptions() {
    return List.of(
        "-Dhttps.proxyHost=127.0.0.1",
        "-Dhttps.proxyPort=" + entrance.getLocalPort(),
        "-Dhttp.nonProxyHosts=",
        "-D" + TRUST_STORE + "=" + keys,
        "-D" + TRUST_STORE_PASSWORD + "=" + PASSWORD);
  }

  /** The {@code host:port} of every connection that was asked for. */
  List<String> asked() {
    return List.copyOf(asked);
  }

  @Override
  public void close() throws IOException {
    if (service.isEmpty()) {
      ProxySelector.setDefault(before.orElse(null));
      System.clearProperty(TRUST_STORE);
      System.clearProperty(TRUST_STORE_PASSWORD);
    }
    entrance.close();
    for (Socket socket : sockets) {
      socket.close();
    }
    Files.deleteIfExists(keys);
  }

  private void accept() {
    while (!entrance.isClosed()) {
      try {
        Socket client = entrance.accept();
        sockets.add(client);
        Thread.ofVirtual().start(() -> answer(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void answer(Socket client) {
    try {
      StringBuilder request = new StringBuilder();
      while (request.indexOf("\r\n\r\n") < 0) {
        int next = client.getInputStream().read();
        if (next < 0 || request.length() > 8192) {
          client.close();
          return;
        }
        request.append((char) next);
      }
      String authority = request.substring("CONNECT ".length(), request.indexOf(" HTTP/"));
      asked.add(authority);
      client.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      client.getOutputStream().flush();

      SSLSocket secure =
          (SSLSocket) tls.getSocketFactory().createSocket(client, client.getInputStream(), true);
      secure.setUseClientMode(false);
      SSLParameters parameters = secure.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {"h2"});
      secure.setSSLParameters(parameters);
      secure.startHandshake();

      Socket server = new Socket(InetAddress.getLoopbackAddress(), portBehind(authority));
      sockets.add(server);
      Thread.ofVirtual().start(() -> pass(server, secure));
      pass(secure, server);
    } catch (IOException e) {
      // The client gave up; what it makes of that is the story's matter.
    }
  }

  private static void pass(Socket from, Socket to) {
    try (from;
        to;
        OutputStream out = to.getOutputStream()) {
      from.getInputStream().transferTo(out);
    } catch (IOException e) {
      // One side has gone; closing both is all there is to do.
    }
  }

  private int portBehind(String authority) {
    Matcher named = NAMED_PORT.matcher(authority);
    if (service.isEmpty() && named.matches()) {
      return Integer.parseInt(named.group(1));
    }
    return service.map(URI::getPort).orElseThrow();
  }

  /** A key and a certificate that signs itself: who holds the file can serve, and can trust. */
  private static void generateKeys(Path keys) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "story",
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + DOMAIN,
                "-ext",
                "san=dns:*." + DOMAIN,
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                keys.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!Files.exists(keys)) {
      throw new IllegalStateException("keytool failed: " + output);
    }
  }

  /** Sends what asks for the stories' domain to the entrance, and all else directly. */
  private static final class ToEntrance extends ProxySelector {

    private final Proxy proxy;

    ToEntrance(int port) {
      proxy =
          new Proxy(Proxy.Type.HTTP, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    @Override
    public List<Proxy> select(URI uri) {
      return List.of(uri.getHost().endsWith("." + DOMAIN) ? proxy : Proxy.NO_PROXY);
    }

    @Override
    public void connectFailed(URI uri, SocketAddress address, IOException failure) {
      // The client reports it; nothing else could be tried.
    }
  }
}
