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
  private final String style = resource("page.css");
  private final String script = resource("page.js");

  /** The pages load nothing. Their one style and their one script are allowed by their hashes. */
  private final String contentSecurityPolicy =
      "default-src 'none'; img-src data:; style-src 'sha256-"
          + sha256(style)
          + "'; script-src 'sha256-"
          + sha256(script)
          + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  /**
   * Returns the start page: where the tokens come from, what to do next, and commands to copy.
   *
   * @param policyFile where the policy is, in words
   * @param curl a command that requests a token
   * @param program a program that does
   */
  ApiResponse start(String policyFile, String curl, String program) {
    return page(
        200,
        "Token vending machine",
        """
        <p>This server vends short-lived tokens for Momento.</p>
        <dl>
        <div><dt>Momento</dt><dd><strong>Local.</strong> Tokens of momento-local, in this process. \
        They work on this machine only. For real tokens, set <code>MOMENTO_API_KEY</code>.</dd></div>
        <div><dt>Policy</dt><dd><code>%s</code></dd></div>
        </dl>
        <nav aria-label="Pages">
        <a href="/playground/"><strong>Playground</strong><span>Vend a token and try what it allows</span></a>
        <a href="/chat/"><strong>Chat</strong><span>Rooms and messages, with vended tokens</span></a>
        </nav>
        <h2>Vend a token</h2>
        <div class="code"><pre tabindex="0" role="region" aria-label="Vend a token">%s</pre></div>
        <h2>Use it in an app</h2>
        <div class="code"><pre tabindex="0" role="region" aria-label="Use it in an app">%s</pre></div>
        <h2>Documentation</h2>
        <p>The folder <code>docs</code> of the program has it: <code>guides/get-started.md</code> \
        first, then <code>configuration.md</code> for every key of the policy.</p>\
        """
            .formatted(escaped(policyFile), escaped(curl), escaped(program)));
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
        <h1><svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8"/>\
        <circle cx="16" cy="16" r="8"/><path d="M16 8a8 8 0 1 1-8 8"/></svg>%1$s</h1>
        %3$s
        </main>
        <script>%4$s</script>
        </body>
        </html>
        """
            .formatted(title, style, content, script);
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

  private static String resource(String name) {
    try (InputStream in = ServerPage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the build left out " + name);
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
