package tokenvending.configuration;

import static tokenvending.configuration.Key.optional;

import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tokenvending.identity.AddressRange;
import tokenvending.policy.ConditionDocument;
import tokenvending.policy.DenyRule;

/** The keys {@code deny} and {@code blocks}. */
final class DenyShape {
  private DenyShape() {}

  static Shape<List<DenyRule>> list() {
    return Shape.list(entry(), 0);
  }

  private static Shape<DenyRule> entry() {
    Key<String> subject =
        optional(
            "subject", Texts.plainName("a subject"), "The caller's subject: `sub`, or the user.");
    Key<String> issuer =
        optional(
            "issuer", Texts.plainName("an issuer"), "The caller's issuer: `iss`, or `password`.");
    Key<List<String>> groups =
        optional(
            "groups",
            Shape.oneOrMore(Texts.plainName("the name of a group")),
            "The caller is in one of these groups.");
    Key<Map<String, List<String>>> claims =
        optional(
            "claims",
            Shape.named(
                "the name of a claim",
                1,
                Texts::plain,
                Shape.oneOrMore(Texts.plainName("a value of the claim"))),
            "Each of these claims has, or contains, one of the values.");
    Key<List<AddressRange>> addresses =
        optional(
            "addresses",
            Shape.oneOrMore(Texts.addressRange()),
            "The client's address is in one of these ranges.");
    Key<Instant> until = optional("until", time(), "When the entry ends. Default: never.");
    Key<String> note =
        optional("note", Texts.plainName("a note"), "A note for the audit log. Default: none.");
    List<Key<?>> conditions = List.of(subject, issuer, groups, claims, addresses);
    return Shape.atLeastOneOf(
        conditions,
        List.of(subject, issuer, groups, claims, addresses, until, note),
        fields -> {
          PolicyShapes.warnOfStars(
              fields,
              subject,
              Stream.concat(fields.of(subject).stream(), fields.of(issuer).stream()).toList());
          PolicyShapes.warnOfStars(fields, groups, fields.of(groups).orElse(List.of()));
          fields
              .of(claims)
              .ifPresent(
                  named ->
                      named
                          .values()
                          .forEach(values -> PolicyShapes.warnOfStars(fields, claims, values)));
          return new DenyRule(
              fields.of(issuer),
              fields.of(subject),
              new ConditionDocument(
                  fields.of(groups).orElse(List.of()), fields.of(claims).orElse(Map.of())),
              fields.of(addresses).orElse(List.of()),
              fields.of(until),
              fields.of(note));
        });
  }

  private static Shape<Instant> time() {
    String expected = "a time such as 2030-01-31T18:00:00Z";
    return Shape.word(
        expected,
        Shape.ordered("type", "string", "pattern", "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$"),
        (text, problem) -> {
          try {
            return Optional.of(Instant.parse(text));
          } catch (DateTimeParseException e) {
            problem.accept("expected " + expected);
            return Optional.empty();
          }
        });
  }

  static Shape<BlockSettings> blocks(Path folder) {
    String expected = "state, or file:PATH such as file:blocks.json";
    return Shape.word(
        expected,
        Shape.ordered("type", "string", "pattern", "^(state|file:.+)$"),
        (text, problem) -> {
          if (text.equals("state")) {
            return Optional.of(new BlockSettings.Shared());
          }
          if (!text.startsWith("file:")) {
            problem.accept("expected " + expected);
            return Optional.empty();
          }
          return Texts.file(text.substring("file:".length()), folder, problem)
              .map(BlockSettings.File::new);
        });
  }
}
