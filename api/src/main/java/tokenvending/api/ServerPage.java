package tokenvending.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;

/**
 * The pages that the server renders itself: the start page, and a page for demo pages that are not
 * built.
 */
final class ServerPage {
  private final String style = style();

  /** The pages load nothing, and their one style is allowed by its hash. */
  private final String contentSecurityPolicy =
      "default-src 'none'; img-src data:; style-src 'sha256-"
          + sha256(style)
          + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  /** Returns the start page: links, and a command that requests a token. */
  ApiResponse start(String curl) {
    return page(
        200,
        "Token vending machine",
        """
        <p>This server vends short-lived Momento tokens. It is in local use: momento-local \
        in the same process.</p>
        <nav>
        <a href="/chat/"><strong>Chat</strong><span>Rooms and messages, with vended tokens</span></a>
        <a href="/playground/"><strong>Playground</strong><span>Vend a token, inspect it, try what it can do</span></a>
        </nav>
        <h2>Get a token</h2>
        <pre tabindex="0">%s</pre>\
        """
            .formatted(escaped(curl)));
  }

  /** Returns the page for a demo page that is not built. */
  ApiResponse missing(String why) {
    return page(
        503,
        "This page is not available",
        "<p>%s</p>\n<p>The server vends tokens nevertheless.</p>".formatted(escaped(why)));
  }

  private ApiResponse page(int status, String title, String content) {
    String html =
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>%1$s</title>
        <link rel="icon" href="data:,">
        <style>%2$s</style>
        </head>
        <body>
        <main>
        <h1>%1$s</h1>
        %3$s
        </main>
        </body>
        </html>
        """
            .formatted(title, style, content);
    return new ApiResponse(
        status,
        List.of(
            new Field("content-type", "text/html; charset=utf-8"),
            new Field("cache-control", "no-store"),
            new Field("content-security-policy", contentSecurityPolicy)),
        Body.of(html.getBytes(UTF_8)));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  private static String style() {
    try (InputStream in = ServerPage.class.getResourceAsStream("page.css")) {
      if (in == null) {
        throw new IllegalStateException("the build left out page.css");
      }
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String sha256(String text) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
