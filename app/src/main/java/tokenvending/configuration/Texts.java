package tokenvending.configuration;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tokenvending.identity.AddressRange;
import tokenvending.limits.Rate;
import tokenvending.network.HostName;
import tokenvending.text.PlainText;

/** The text formats of {@code tvm.yaml}. */
final class Texts {
  private static final Pattern DURATION = Pattern.compile("(0|[1-9][0-9]{0,8})(ms|s|m|h)");
  private static final Pattern RATE = Pattern.compile("[1-9][0-9]{0,5}/(s|m|h)");
  private static final Pattern ENVIRONMENT_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final Pattern TABLE_NAME = Pattern.compile("[A-Za-z0-9_.-]{3,255}");
  private static final Pattern IPV4 =
      Pattern.compile("((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\\.(?!$)|$)){4}");
  private static final Pattern IPV6_CHARACTERS = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
  private static final Pattern ORIGIN =
      Pattern.compile(
          "(?<scheme>[a-z][a-z0-9+.-]*)://(?<host>(\\*\\.(?=[a-z0-9_-]+\\.))?[a-z0-9_-]+(\\.[a-z0-9_-]+)*|\\[[0-9a-f:.]+])"
              + "(:(?<port>[1-9][0-9]{0,4}))?");

  private static final Map<String, Object> ADDRESS_SCHEMA =
      Shape.ordered("type", "string", "pattern", "^https?://[^\\s]+$");

  private Texts() {}

  /** Accepts visible text that is not blank. */
  static Optional<String> plain(String text, Consumer<String> problem) {
    if (!PlainText.isVisible(text)) {
      problem.accept(
          text.codePoints()
              .filter(c -> !PlainText.isVisible(c))
              .mapToObj("U+%04X"::formatted)
              .findFirst()
              .map(unseen -> "contains an invisible character: " + unseen)
              .orElse("expected a non-empty text of printable characters"));
      return Optional.empty();
    }
    return Optional.of(text);
  }

  static Shape<String> plainName(String expected) {
    return Shape.name(expected, Texts::plain);
  }

  /** A text that matches a pattern, for the reader and for editors. */
  static Shape<String> matching(String expected, Pattern pattern) {
    return Shape.name(
        expected,
        (text, problem) -> {
          if (!pattern.matcher(text).matches()) {
            problem.accept("expected " + expected);
            return Optional.empty();
          }
          return Optional.of(text);
        });
  }

  /** Whole hours, minutes or seconds; accepts more than 25 h, which the policy reports. */
  static Shape<Duration> ttl() {
    String expected = "a time such as 90s, 15m or 1h";
    return Shape.word(
        expected,
        Shape.ordered("type", "string", "pattern", "^(0|[1-9][0-9]{0,8})(s|m|h)$"),
        (text, problem) -> {
          Optional<Duration> duration =
              duration(text).filter(value -> !text.endsWith("ms") && !value.isNegative());
          if (duration.isEmpty()) {
            problem.accept("expected " + expected);
          }
          return duration;
        });
  }

  /** Like {@link #ttl}, with milliseconds. */
  static Shape<Duration> wait(Duration most) {
    String expected = "a time such as 500ms or 2s, at most %ds".formatted(most.toSeconds());
    return Shape.word(
        expected,
        Shape.ordered("type", "string", "pattern", "^(0|[1-9][0-9]{0,8})(ms|s|m|h)$"),
        (text, problem) -> {
          Optional<Duration> duration = duration(text).filter(value -> value.compareTo(most) <= 0);
          if (duration.isEmpty()) {
            problem.accept("expected " + expected);
          }
          return duration;
        });
  }

  private static Optional<Duration> duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long count = Long.parseLong(matcher.group(1));
    return Optional.of(
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(count);
          case "s" -> Duration.ofSeconds(count);
          case "m" -> Duration.ofMinutes(count);
          default -> Duration.ofHours(count);
        });
  }

  static Shape<Rate> rate() {
    String expected = "a rate such as 5/s, 30/m or 600/h";
    return Shape.word(
        expected,
        Shape.ordered("type", "string", "pattern", "^[1-9][0-9]{0,5}/(s|m|h)$"),
        (text, problem) -> {
          Optional<Rate> rate = RATE.matcher(text).matches() ? Rate.parse(text) : Optional.empty();
          if (rate.isEmpty()) {
            problem.accept("expected " + expected);
          }
          return rate;
        });
  }

  /** An {@code https} address, or {@code http} to loopback. */
  static Shape<URI> address(String example) {
    String expected = "an https address such as " + example;
    return Shape.word(
        expected, ADDRESS_SCHEMA, (text, problem) -> address(text, expected, problem));
  }

  /** Like {@link #address}, without a path. */
  static Shape<URI> service(String example) {
    String expected = "an https address such as " + example + ", without a path";
    return Shape.word(
        expected,
        ADDRESS_SCHEMA,
        (text, problem) -> {
          Optional<URI> uri = address(text, expected, problem);
          if (uri.isPresent() && !Set.of("", "/").contains(uri.get().getRawPath())) {
            problem.accept("expected " + expected);
            return Optional.empty();
          }
          return uri;
        });
  }

  private static Optional<URI> address(String text, String expected, Consumer<String> problem) {
    Optional<URI> uri = uri(text).filter(one -> one.getHost() != null);
    if (uri.isEmpty()) {
      problem.accept("expected " + expected);
      return Optional.empty();
    }
    if (uri.get().getRawUserInfo() != null) {
      problem.accept("a user or password is not allowed in an address: expected " + expected);
      return Optional.empty();
    }
    if (uri.get().getRawQuery() != null || uri.get().getRawFragment() != null) {
      problem.accept("a query or fragment is not allowed: expected " + expected);
      return Optional.empty();
    }
    boolean loopback = text.startsWith("http://") && HostName.isLoopback(uri.get().getHost());
    if (!text.startsWith("https://") && !loopback) {
      problem.accept("expected https; http is for loopback (localhost, 127.0.0.1, [::1]) only");
      return Optional.empty();
    }
    return uri;
  }

  private static Optional<URI> uri(String text) {
    try {
      return Optional.of(new URI(text));
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  /** A reference of one of the allowed kinds. */
  static Shape<SecretReference> reference(Path folder, Map<String, String> kinds) {
    String expected = Shape.listed(List.copyOf(kinds.values()));
    String pattern = "^(" + String.join("|", kinds.keySet()) + "):.+$";
    return Shape.word(
        expected,
        Shape.ordered("type", "string", "pattern", pattern),
        (text, problem) -> {
          int colon = text.indexOf(':');
          String kind = colon < 0 ? "" : text.substring(0, colon);
          String rest = text.substring(colon + 1);
          if (!kinds.containsKey(kind)) {
            problem.accept(
                "expected " + expected + ". The credential itself is not allowed in this file");
            return Optional.empty();
          }
          return switch (kind) {
            case "env" -> environment(rest, problem).map(name -> name);
            case "file" -> file(rest, folder, problem).map(SecretReference.File::new);
            default -> awsSecret(rest, problem).map(name -> name);
          };
        });
  }

  static Optional<SecretReference.Environment> environment(String name, Consumer<String> problem) {
    if (!ENVIRONMENT_NAME.matcher(name).matches()) {
      problem.accept("expected the name of an environment variable after env:");
      return Optional.empty();
    }
    return Optional.of(new SecretReference.Environment(name));
  }

  private static Optional<SecretReference.AwsSecret> awsSecret(
      String name, Consumer<String> problem) {
    if (!SecretReference.AwsSecret.isName(name)) {
      problem.accept("expected the name of a secret after aws-secret:");
      return Optional.empty();
    }
    return Optional.of(new SecretReference.AwsSecret(name));
  }

  /** Returns the path after {@code file:}, resolved against the folder if it is relative. */
  static Optional<Path> file(String path, Path folder, Consumer<String> problem) {
    try {
      if (!path.isBlank() && PlainText.isPlain(path)) {
        return Optional.of(folder.resolve(path).normalize());
      }
    } catch (InvalidPathException e) {
      // Reported below.
    }
    problem.accept("expected a path after file:");
    return Optional.empty();
  }

  static Shape<Path> file(Path folder, String example) {
    String expected = "file:PATH, such as " + example;
    return Shape.word(
        expected,
        Shape.ordered("type", "string", "pattern", "^file:.+$"),
        (text, problem) -> {
          if (!text.startsWith("file:")) {
            problem.accept("expected " + expected);
            return Optional.empty();
          }
          return file(text.substring("file:".length()), folder, problem);
        });
  }

  static Shape<MomentoEndpoint> endpoint() {
    String expected = "a host name such as cell-4-us-west-2-1.prod.a.momentohq.com, or env:NAME";
    return Shape.word(
        expected,
        Map.of("type", "string"),
        (text, problem) -> {
          if (text.startsWith("env:")) {
            return environment(text.substring("env:".length()), problem)
                .map(MomentoEndpoint.Environment::new);
          }
          if (!isHostName(text)) {
            problem.accept("expected " + expected);
            return Optional.empty();
          }
          return Optional.of(new MomentoEndpoint.Literal(text));
        });
  }

  private static boolean isHostName(String text) {
    return HostName.isValid(text);
  }

  static Shape<StateSettings> state() {
    String expected = "memory, redis://HOST:PORT, env:NAME, dynamodb or dynamodb:TABLE";
    return Shape.word(
        expected,
        Shape.ordered("type", "string", "pattern", "^(memory|rediss?://.+|env:.+|dynamodb(:.+)?)$"),
        (text, problem) -> {
          if (text.matches("rediss?://[^/]*@.*")) {
            problem.accept(
                "a password is not allowed in this file: write env:NAME, and put the address into"
                    + " that variable");
            return Optional.empty();
          }
          Optional<StateSettings> state = state(text);
          if (state.isEmpty()) {
            problem.accept("expected " + expected);
          }
          return state;
        });
  }

  private static Optional<StateSettings> state(String text) {
    if (text.equals("memory")) {
      return Optional.of(new StateSettings.Memory());
    }
    if (text.equals("dynamodb")) {
      return Optional.of(new StateSettings.DynamoDb(Optional.empty()));
    }
    if (text.startsWith("dynamodb:")) {
      return Optional.of(text.substring("dynamodb:".length()))
          .filter(table -> TABLE_NAME.matcher(table).matches())
          .map(table -> new StateSettings.DynamoDb(Optional.of(table)));
    }
    if (text.startsWith("env:")) {
      return environment(text.substring("env:".length()), ignored -> {})
          .map(StateSettings.RedisAt::new);
    }
    boolean redis = text.startsWith("redis://") || text.startsWith("rediss://");
    return redis
        ? uri(text).filter(address -> address.getHost() != null).map(StateSettings.Redis::new)
        : Optional.empty();
  }

  /** An origin in the form that browsers send, or {@code *}. */
  static Shape<String> origin() {
    String expected = "an origin such as https://chat.example.com, or \"*\"";
    return Shape.word(
        expected,
        Shape.ordered(
            "type", "string", "pattern", "^(\\*|[a-z][a-z0-9+.-]*://(\\*\\.)?[^/\\s*?#@]+)$"),
        (text, problem) -> {
          Optional<String> fault = text.equals("*") ? Optional.empty() : originFault(text);
          fault.ifPresent(problem);
          return fault.isPresent() ? Optional.empty() : Optional.of(text);
        });
  }

  /** Whether the first label of an origin's host is a wildcard. */
  static boolean isWildcard(String origin) {
    return origin.contains("://*.");
  }

  private static Optional<String> originFault(String text) {
    if (text.equals("null")) {
      return Optional.of("the origin null stands for every sandboxed page: list the origins");
    }
    Matcher matcher = ORIGIN.matcher(text);
    if (!matcher.matches()) {
      return Optional.of(
          text.contains("*")
              ? "expected each origin written out, such as https://chat.example.com, or"
                  + " https://*.example.com for every subdomain of a domain"
              : "expected scheme://host[:port] in lower case without a path or a slash at the end,"
                  + " such as https://chat.example.com");
    }
    if (isWildcard(text) && !matcher.group("scheme").equals("https")) {
      return Optional.of("expected https:// before *., because http can be intercepted");
    }
    String port = matcher.group("port");
    if (port != null && Integer.parseInt(port) > 65535) {
      return Optional.of("expected a port up to 65535");
    }
    boolean usual =
        ("443".equals(port) && matcher.group("scheme").equals("https"))
            || ("80".equals(port) && matcher.group("scheme").equals("http"));
    return usual
        ? Optional.of("browsers omit the default port: write it without :" + port)
        : Optional.empty();
  }

  static Shape<AddressRange> addressRange() {
    String expected = "an IP address or a range such as 10.0.0.0/8";
    return Shape.word(
        expected,
        Map.of("type", "string"),
        (text, problem) -> {
          int slash = text.indexOf('/');
          Optional<InetAddress> address = ip(slash < 0 ? text : text.substring(0, slash));
          if (address.isEmpty()) {
            problem.accept("expected " + expected);
            return Optional.empty();
          }
          int all = address.get().getAddress().length * 8;
          String bits = slash < 0 ? "" + all : text.substring(slash + 1);
          if (!bits.matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(bits) > all) {
            problem.accept("expected 0 to %d bits after the slash".formatted(all));
            return Optional.empty();
          }
          if (!AddressRange.isZeroBeyond(address.get(), Integer.parseInt(bits))) {
            problem.accept(
                "the address has bits beyond /%s: write the first address of the range"
                    .formatted(bits));
            return Optional.empty();
          }
          return Optional.of(new AddressRange(address.get(), Integer.parseInt(bits)));
        });
  }

  /** Parses a numeric address without a name look-up. */
  private static Optional<InetAddress> ip(String text) {
    boolean digits =
        IPV4.matcher(text).matches()
            || (text.length() <= 45 && IPV6_CHARACTERS.matcher(text).matches());
    if (!digits) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.ofLiteral(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** A host name or address to bind. */
  static Shape<String> host() {
    String expected = "a host name or IP address such as 127.0.0.1";
    return Shape.name(
        expected,
        (text, problem) -> {
          if (!isHostName(text) && ip(text).isEmpty()) {
            problem.accept("expected " + expected);
            return Optional.empty();
          }
          return Optional.of(text.toLowerCase(Locale.ROOT));
        });
  }
}
