package tokenvending.configuration;

import static tokenvending.configuration.Key.optional;
import static tokenvending.configuration.Key.required;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tokenvending.configuration.PolicyCase.Expected;
import tokenvending.permission.Permission;
import tokenvending.permission.PermissionText;
import tokenvending.policy.Decision;
import tokenvending.policy.Reuse;

/** Reads a file of policy cases, as strictly as {@code tvm.yaml}. */
public final class PolicyCasesReader {
  /** The rejection of a request with parameters that the file does not declare. */
  public static final String MALFORMED = "malformed-request";

  /** The rejection of a caller that no authentication method accepts. */
  public static final String UNAUTHENTICATED = "unauthenticated";

  private static final String ANY = "any";
  private static final Shape<List<PolicyCase>> CASES = file();

  private PolicyCasesReader() {}

  /** Reads a file. */
  public static PolicyCasesResult read(Path file) {
    Findings findings = new Findings(file.toString());
    Optional<List<PolicyCase>> cases =
        TextFile.read(file, findings)
            .flatMap(text -> YamlText.parse(text, findings))
            .flatMap(root -> CASES.read(root, "", findings));
    return cases.isPresent() && !findings.holdErrors()
        ? new PolicyCasesResult.Read(cases.get())
        : new PolicyCasesResult.Unusable(findings.inOrder());
  }

  /** Returns the names of rejections in a case. */
  private static List<String> reasons() {
    List<String> words = new ArrayList<>(List.of(ANY, MALFORMED, UNAUTHENTICATED));
    Arrays.stream(Decision.Reason.values()).map(PolicyCasesReader::word).forEach(words::add);
    return words;
  }

  /** Returns a reason as a case spells it. */
  public static String word(Decision.Reason reason) {
    return reason.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static Shape<List<PolicyCase>> file() {
    Key<List<PolicyCase>> cases = required("cases", Shape.list(policyCase(), 1), "The cases.");
    return Shape.section(List.of(cases), fields -> fields.of(cases).orElseThrow());
  }

  private static Shape<PolicyCase> policyCase() {
    Key<String> name =
        required("name", Texts.plainName("a name for the case"), "The name of the case.");
    Key<Map<String, List<String>>> as =
        optional(
            "as",
            Shape.named("a claim", 1, Texts::plain, Shape.oneOrMore(anyText())),
            "The caller's claims, including sub and groups. Default: an anonymous caller.");
    Key<Map<String, String>> ask =
        optional(
            "ask",
            Shape.named("a parameter", 1, Texts::plain, anyText()),
            "The parameters of the request.");
    Key<List<Permission>> permission =
        optional("permission", Shape.oneOrMore(permission()), "Narrower permissions.");
    Key<Duration> ttl = optional("ttl", Texts.ttl(), "A shorter life.");
    Key<Expected.Granted> granted = optional("granted", granted(), "The expected grant.");
    Key<Expected.Refused> refused =
        optional(
            "refused",
            Shape.choice(reasons(), reason -> reason).map(Expected.Refused::new),
            "The expected reason of the denial.");
    return Shape.tolerantSection(
        List.of(name, as, ask, permission, ttl, granted, refused),
        fields -> {
          if (fields.isWritten(granted) == fields.isWritten(refused)) {
            fields.errorHere("expected granted or refused");
          }
          Optional<Expected> expected =
              fields.of(granted).<Expected>map(value -> value).or(() -> fields.of(refused));
          return fields
              .of(name)
              .flatMap(
                  called ->
                      expected.map(
                          outcome ->
                              new PolicyCase(
                                  called,
                                  fields.of(as).orElse(Map.of()),
                                  fields.of(ask).orElse(Map.of()),
                                  fields.of(permission).orElse(List.of()),
                                  fields.of(ttl),
                                  outcome)));
        });
  }

  /** A caller can send any text, and a case can test hostile text. */
  private static Shape<String> anyText() {
    return Shape.name("a value", (text, problem) -> Optional.of(text));
  }

  private static Shape<Expected.Granted> granted() {
    Key<String> rule = optional("rule", Texts.plainName("the id of a rule"), "The rule's id.");
    Key<List<Permission>> permissions =
        optional("permissions", Shape.list(permission(), 1), "All the permissions, in any order.");
    Key<Duration> ttl = optional("ttl", Texts.ttl(), "The life.");
    Key<String> tokenId =
        optional("token-id", Texts.plainName("a token id, or none"), "The token id, or none.");
    Key<Reuse> reuse =
        optional("reuse", Shape.choice(List.of(Reuse.values()), Reuse::word), "The reuse.");
    return Shape.section(
        List.of(rule, permissions, ttl, tokenId, reuse),
        fields ->
            new Expected.Granted(
                fields.of(rule),
                fields.of(permissions),
                fields.of(ttl),
                fields.of(tokenId),
                fields.of(reuse)));
  }

  private static Shape<Permission> permission() {
    String expected = "a permission such as \"SubscribeOnly cache=chat topic=room-1\"";
    return Shape.word(
        expected,
        Map.of("type", "string"),
        (text, problem) -> {
          Optional<Permission> permission = PermissionText.parse(text);
          if (permission.isEmpty()) {
            problem.accept("expected " + expected);
          }
          return permission;
        });
  }
}
