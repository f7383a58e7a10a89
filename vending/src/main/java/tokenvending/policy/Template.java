package tokenvending.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tokenvending.identity.Claim;
import tokenvending.identity.Principal;
import tokenvending.text.PlainText;

/**
 * A text with placeholders for a caller's values: <code>${subject}</code>, <code>${claims.NAME}
 * </code>, <code>${request.NAME}</code>. The name of a claim can be a path, as in {@link
 * Principal#claim}. Values are inserted as text and are not parsed again.
 */
final class Template {
  /** The longest value that can be inserted: the limit of OpenID Connect Core §2 for a subject. */
  static final int VALUE_LIMIT = 255;

  private static final Pattern PLACE = Pattern.compile("\\$\\{([^{}]*)}");
  private static final Pattern CLAIM_NAME = Pattern.compile("[\\p{Graph}&&[^{}$]]{1,128}");

  /** One part of a template. */
  private sealed interface Part {
    record Literal(String text) implements Part {}

    record Subject() implements Part {}

    record ClaimOf(String name) implements Part {}

    record RequestOf(String name) implements Part {}
  }

  /** The text, or the reason why a value cannot be inserted. */
  sealed interface Rendered {
    record Text(String text) implements Rendered {}

    record Unusable(Decision.Reason reason) implements Rendered {}
  }

  private final String source;
  private final List<Part> parts;
  private final boolean prefix;

  private Template(String source, List<Part> parts, boolean prefix) {
    this.source = source;
    this.parts = List.copyOf(parts);
    this.prefix = prefix;
  }

  /**
   * Parses a template.
   *
   * @param prefix whether the text is used as a prefix
   * @param problem receives each error; the result is then empty
   */
  static Optional<Template> parse(String source, boolean prefix, Consumer<String> problem) {
    List<Part> parts = new ArrayList<>();
    Matcher places = PLACE.matcher(source);
    int end = 0;
    boolean sound = true;
    while (places.find()) {
      literal(source.substring(end, places.start()), parts);
      if (places.start() == end && end > 0) {
        problem.accept(
            "two values without a delimiter could give two callers the same text: write a delimiter"
                + " between them, such as ${subject}/${request.room}");
        sound = false;
      }
      Optional<Part> part = place(places.group(1));
      if (part.isEmpty()) {
        problem.accept(
            "${%s} is not a value: expected ${subject}, ${claims.NAME} or ${request.NAME}"
                .formatted(places.group(1)));
        sound = false;
      }
      part.ifPresent(parts::add);
      end = places.end();
    }
    literal(source.substring(end), parts);
    String rest = places.replaceAll("");
    if (rest.contains("${")) {
      problem.accept("${ without }: expected ${subject}, ${claims.NAME} or ${request.NAME}");
      sound = false;
    }
    if (!PlainText.isVisible(source)) {
      problem.accept("expected a text of printable characters");
      sound = false;
    }
    if (sound && prefix && !(parts.getLast() instanceof Part.Literal)) {
      problem.accept(
          "a prefix must not end with a value, because a caller with the value \"a\" could access what belongs to \"ab\": write \"%s/\""
              .formatted(source));
      sound = false;
    }
    return sound ? Optional.of(new Template(source, parts, prefix)) : Optional.empty();
  }

  private static void literal(String text, List<Part> parts) {
    if (!text.isEmpty()) {
      parts.add(new Part.Literal(text));
    }
  }

  private static Optional<Part> place(String name) {
    if (name.equals("subject")) {
      return Optional.of(new Part.Subject());
    }
    if (name.startsWith("claims.")) {
      String claim = name.substring("claims.".length());
      return CLAIM_NAME.matcher(claim).matches()
          ? Optional.of(new Part.ClaimOf(claim))
          : Optional.empty();
    }
    if (name.startsWith("request.")) {
      return Optional.of(new Part.RequestOf(name.substring("request.".length())));
    }
    return Optional.empty();
  }

  /** Returns the template as written. */
  String source() {
    return source;
  }

  boolean isConstant() {
    return parts.size() == 1 && parts.getFirst() instanceof Part.Literal;
  }

  boolean holdsSubject() {
    return parts.stream().anyMatch(Part.Subject.class::isInstance);
  }

  boolean holdsIssuer() {
    return parts.contains(new Part.ClaimOf("iss"));
  }

  /** Whether it uses a value that only an authenticated caller has. */
  boolean isVerified() {
    return parts.stream()
        .anyMatch(part -> part instanceof Part.Subject || part instanceof Part.ClaimOf);
  }

  /** Returns the names of the request parameters that it uses. */
  List<String> requestNames() {
    List<String> names = new ArrayList<>();
    for (Part part : parts) {
      if (part instanceof Part.RequestOf(String name)) {
        names.add(name);
      }
    }
    return names;
  }

  /**
   * Whether some values, not necessarily the same, could make both templates the same text. Returns
   * true if in doubt.
   */
  boolean mayCoincide(Template other) {
    if (isConstant() && other.isConstant()) {
      return source.equals(other.source);
    }
    String head = head();
    String otherHead = other.head();
    String tail = tail();
    String otherTail = other.tail();
    return (head.startsWith(otherHead) || otherHead.startsWith(head))
        && (tail.endsWith(otherTail) || otherTail.endsWith(tail))
        && (!isConstant() || source.length() > otherHead.length() + otherTail.length())
        && (!other.isConstant() || other.source.length() > head.length() + tail.length());
  }

  private String head() {
    return parts.getFirst() instanceof Part.Literal(String text) ? text : "";
  }

  private String tail() {
    return parts.getLast() instanceof Part.Literal(String text) ? text : "";
  }

  /**
   * Inserts the values of one caller and one request into a selector; only visible text is
   * accepted.
   */
  Rendered render(Principal caller, Map<String, String> parameters) {
    return render(caller, parameters, PlainText::isVisible);
  }

  /**
   * Inserts the values of one caller and one request into a token id. {@link TokenId} replaces
   * ambiguous ids with a digest.
   */
  Rendered renderTokenId(Principal caller, Map<String, String> parameters) {
    return render(caller, parameters, PlainText::isWellFormed);
  }

  private Rendered render(
      Principal caller, Map<String, String> parameters, Predicate<String> printable) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      if (part instanceof Part.Literal(String text)) {
        out.append(text);
        continue;
      }
      if (part instanceof Part.ClaimOf(String name) && isNoText(caller.claim(name))) {
        return new Rendered.Unusable(Decision.Reason.VALUE_NOT_TEXT);
      }
      Optional<String> value = value(part, caller, parameters);
      if (value.isEmpty()) {
        return new Rendered.Unusable(Decision.Reason.VALUE_MISSING);
      }
      Optional<Decision.Reason> fault = fault(value.get(), i, printable);
      if (fault.isPresent()) {
        return new Rendered.Unusable(fault.get());
      }
      out.append(value.get());
    }
    return new Rendered.Text(out.toString());
  }

  private static boolean isNoText(Optional<Claim> claim) {
    return claim.isPresent() && !(claim.get() instanceof Claim.One);
  }

  private static Optional<String> value(
      Part part, Principal caller, Map<String, String> parameters) {
    return switch (part) {
      case Part.Literal(String text) -> Optional.of(text);
      case Part.Subject() -> caller.subject();
      case Part.ClaimOf(String name) ->
          caller
              .claim(name)
              .flatMap(
                  claim ->
                      claim instanceof Claim.One(String value)
                          ? Optional.of(value)
                          : Optional.empty());
      case Part.RequestOf(String name) -> Optional.ofNullable(parameters.get(name));
    };
  }

  private Optional<Decision.Reason> fault(String value, int at, Predicate<String> printable) {
    if (value.isEmpty()) {
      return Optional.of(Decision.Reason.VALUE_EMPTY);
    }
    if (value.length() > VALUE_LIMIT) {
      return Optional.of(Decision.Reason.VALUE_TOO_LONG);
    }
    if (!printable.test(value)) {
      return Optional.of(Decision.Reason.VALUE_UNPRINTABLE);
    }
    // The end of a value must be recognizable: in a prefix, or before another value, "a/b" + "/"
    // would otherwise be within "a" + "/".
    boolean mustEndVisibly = prefix || at + 2 < parts.size();
    if (mustEndVisibly
        && parts.get(at + 1) instanceof Part.Literal(String next)
        && value.indexOf(next.codePointAt(0)) >= 0) {
      return Optional.of(Decision.Reason.VALUE_HOLDS_DELIMITER);
    }
    return Optional.empty();
  }
}
