package tokenvending.authentication;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tokenvending.text.Json;

/**
 * Fetches a small JSON document: status 200 only, no redirects, at most 64 KiB, within a deadline.
 * A failure keeps only its kind.
 */
final class DocumentFetcher implements AutoCloseable {
  static final int LARGEST = 64 * 1024;

  /**
   * The timeouts of a fetch.
   *
   * @param toAnswer to connect, and to the first byte of the response
   * @param inAll to the last byte
   * @param ofCaller how long after the start of a fetch a caller's request waits for it
   */
  record Timeouts(Duration toAnswer, Duration inAll, Duration ofCaller) {
    static final Timeouts STANDARD =
        new Timeouts(Duration.ofSeconds(10), Duration.ofSeconds(15), Duration.ofSeconds(2));

    /** Timeouts that let a caller wait until both documents are read or have timed out. */
    static final Timeouts WITHIN_REQUEST =
        new Timeouts(Duration.ofSeconds(2), Duration.ofSeconds(2), Duration.ofSeconds(5));
  }

  private final Timeouts timeouts;
  private final HttpClient client;

  DocumentFetcher(Timeouts timeouts) {
    this.timeouts = timeouts;
    this.client =
        HttpClient.newBuilder()
            .version(Version.HTTP_1_1)
            .followRedirects(Redirect.NEVER)
            .connectTimeout(timeouts.toAnswer())
            .build();
  }

  sealed interface Fetched {}

  record Document(Json.Members members) implements Fetched {}

  record Failed(String cause) implements Fetched {}

  Fetched fetch(URI address) {
    HttpRequest request =
        HttpRequest.newBuilder(address)
            .timeout(timeouts.toAnswer())
            .header("Accept", "application/json")
            .GET()
            .build();
    CompletableFuture<HttpResponse<byte[]>> exchange =
        client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), LARGEST));
    try {
      HttpResponse<byte[]> response =
          exchange.get(timeouts.inAll().toMillis(), TimeUnit.MILLISECONDS);
      if (response.statusCode() != 200) {
        return new Failed("status " + response.statusCode());
      }
      Optional<Json.Members> members = Json.object(response.body());
      return members.isPresent() ? new Document(members.get()) : new Failed("not a JSON object");
    } catch (TimeoutException _) {
      // The body arrives too slowly: close the connection.
      exchange.cancel(true);
      return new Failed("the response takes too long");
    } catch (ExecutionException e) {
      return new Failed(FetchFault.of(e.getCause()));
    } catch (CancellationException _) {
      return new Failed("stopped");
    } catch (InterruptedException _) {
      exchange.cancel(true);
      Thread.currentThread().interrupt();
      return new Failed("stopped");
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
