package tokenvending.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tokenvending.momentolocal.LocalToken;
import tokenvending.server.lifecycle.ExitCode;
import tokenvending.text.Json;

/** {@code inspect}: shows the content of a token without verifying it. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description = {
      "Reads a token, or a whole response of the server, from standard input, and prints what it"
          + " says.",
      "Nothing is verified."
    })
final class InspectCommand implements Callable<Integer> {
  private static final int LONGEST = 64 * 1024;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "TOKEN",
      description = {
        "The token itself. Default, and with -: standard input.",
        "Other users of this machine can read arguments (ps); use it for expired tokens only."
      })
  private Optional<String> argument = Optional.empty();

  @Override
  public Integer call() throws IOException {
    CommandSpec own = Objects.requireNonNull(spec, "picocli sets it");
    PrintWriter out = own.commandLine().getOut();
    PrintWriter err = own.commandLine().getErr();
    String text =
        argument.filter(given -> !given.equals("-")).isPresent()
            ? argument.get()
            : new String(System.in.readNBytes(LONGEST), UTF_8);
    Optional<Inside> inside = Inside.of(text.strip());
    if (inside.isEmpty()) {
      err.println("not a token: expected base64 of JSON with endpoint and api_key, or a JWT");
      err.flush();
      return ExitCode.WRONG_INPUT;
    }
    print(inside.get(), Instant.now(), out);
    out.flush();
    return ExitCode.DONE;
  }

  /** The content of a token. Claims are as in the token, ordered by name. */
  private record Inside(
      Optional<String> endpoint,
      String form,
      Optional<Instant> expiresAt,
      Map<String, String> claims) {
    static Optional<Inside> of(String text) {
      if (text.startsWith("{")) {
        return Json.object(text).flatMap(json -> json.text("authToken")).flatMap(Inside::of);
      }
      if (text.chars().filter(c -> c == '.').count() == 2) {
        return key(text, Optional.empty());
      }
      return decode(Base64.getDecoder(), text)
          .flatMap(Json::object)
          .map(Json.Members::scalars)
          .filter(members -> members.containsKey("api_key"))
          .flatMap(
              members ->
                  key(
                      Objects.requireNonNullElse(members.get("api_key"), ""),
                      Optional.ofNullable(members.get("endpoint"))));
    }

    private static Optional<Inside> key(String key, Optional<String> endpoint) {
      Optional<LocalToken> local = LocalToken.read(key);
      if (local.isPresent()) {
        Map<String, String> claims = new TreeMap<>();
        local.get().tokenId().ifPresent(id -> claims.put("token id", id));
        return Optional.of(
            new Inside(
                endpoint,
                "a token of momento-local; it works nowhere else",
                Optional.of(local.get().expiresAt()),
                claims));
      }
      String[] parts = key.split("\\.", -1);
      if (parts.length != 3) {
        return Optional.of(new Inside(endpoint, "an opaque key", Optional.empty(), Map.of()));
      }
      Optional<Map<String, String>> claims =
          decode(Base64.getUrlDecoder(), parts[1]).flatMap(Json::object).map(Json.Members::scalars);
      return claims.map(
          found ->
              new Inside(
                  endpoint,
                  "a JWT, its signature not checked",
                  expiry(Objects.requireNonNullElse(found.get("exp"), "")),
                  new TreeMap<>(found)));
    }

    private static Optional<Instant> expiry(String seconds) {
      return seconds.matches("[0-9]{1,11}")
          ? Optional.of(Instant.ofEpochSecond(Long.parseLong(seconds)))
          : Optional.empty();
    }

    private static Optional<String> decode(Base64.Decoder decoder, String text) {
      try {
        return Optional.of(new String(decoder.decode(text), UTF_8));
      } catch (IllegalArgumentException e) {
        return Optional.empty();
      }
    }
  }

  private static void print(Inside inside, Instant now, PrintWriter out) {
    out.println("form      " + inside.form());
    out.println(
        "endpoint  " + inside.endpoint().map(InspectCommand::printable).orElse("not named"));
    out.println(
        "expires   " + inside.expiresAt().map(at -> expiry(at, now)).orElse("not readable"));
    inside
        .claims()
        .forEach(
            (name, value) ->
                out.println("          " + printable(name) + " = " + printable(value)));
  }

  private static String expiry(Instant at, Instant now) {
    String when =
        DateTimeFormatter.ofLocalizedDateTime(FormatStyle.FULL, FormatStyle.MEDIUM)
            .withLocale(Locale.ENGLISH)
            .withZone(ZoneId.of("UTC"))
            .format(at);
    Duration left = Duration.between(now, at);
    return when
        + " UTC, "
        + (left.isNegative()
            ? DisplayFormat.of(left.negated()) + " ago: it no longer works"
            : "in " + DisplayFormat.of(left));
  }

  /** Replaces characters that control a terminal, because a claim can contain any text. */
  private static String printable(String value) {
    return value.replaceAll("\\p{C}", "\uFFFD");
  }
}
