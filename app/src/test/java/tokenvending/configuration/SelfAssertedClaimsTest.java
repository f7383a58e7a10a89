package tokenvending.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("T19")
final class SelfAssertedClaimsTest {
  private static final String SUBJECT = "token-id: \"${subject}\"";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "email", "name", "preferred_username", "nickname", "profile", "given_name", "family_name",
            "middle_name",
        "picture", "website", "gender", "birthdate", "zoneinfo", "locale", "phone_number",
            "address",
        "address.country", "user_metadata.tenant", "upn", "unique_name", "custom:tenant"
      })
  void check_warns_wherever_a_rule_relies_on_a_claim_that_users_can_set(String claim) {
    assertThat(warnings(file("", "when: { claims: { \"" + claim + "\": a } }", SUBJECT, "\"a\"")))
        .singleElement()
        .asString()
        .contains("rules[0].when.claims." + claim, "users can usually set the claim " + claim)
        .contains("https://a.example/", "trusted-claims");
    assertThat(warnings(file("", "", "token-id: \"${claims." + claim + "}/${subject}\"", "\"a\"")))
        .singleElement()
        .asString()
        .contains("rules[0].token-id");
    assertThat(warnings(file("", "", SUBJECT, "\"room-${claims." + claim + "}\"")))
        .singleElement()
        .asString()
        .contains("rules[0].permissions[0]");
    assertThat(warnings(file("", "", SUBJECT, "{ prefix: \"${claims." + claim + "}/\" }")))
        .hasSize(1);
    assertThat(warnings(file(", groups-claim: \"" + claim + "\"", "", SUBJECT, "\"a\"")))
        .singleElement()
        .asString()
        .contains("authentication[0].oidc.groups-claim");
  }

  @Test
  void claims_of_the_issuer_are_not_warned_of() {
    assertThat(
            warnings(
                file(
                    "",
                    "when: { claims: { iss: \"https://a.example/\", tenant: a, sub: a } }",
                    SUBJECT,
                    "\"${claims.tenant}/a\"")))
        .isEmpty();
  }

  @Test
  void trusted_claims_are_not_warned_of() {
    String trusted = ", trusted-claims: [email, user_metadata]";
    String when = "when: { claims: { email: a@b.example, user_metadata.tenant: a } }";
    assertThat(warnings(file(trusted, when, SUBJECT, "\"${claims.email}\""))).isEmpty();
    assertThat(warnings(file(trusted, "when: { claims: { name: a } }", SUBJECT, "\"a\"")))
        .hasSize(1);
    assertThat(warnings(file(", groups-claim: email" + trusted, "", SUBJECT, "\"a\""))).isEmpty();
  }

  @Test
  void verified_address_or_number_is_not_warned_of() {
    for (String claim : List.of("email", "phone_number")) {
      String when = "when: { claims: { %s: a, %s_verified: \"true\" } }".formatted(claim, claim);
      assertThat(warnings(file("", when, SUBJECT, "\"${claims." + claim + "}\""))).isEmpty();
      String other = when.replace("\"true\"", "[\"true\", \"false\"]");
      assertThat(warnings(file("", other, SUBJECT, "\"a\""))).hasSize(1);
    }
  }

  @Test
  void only_issuers_that_reach_the_rule_count() {
    String file =
        """
        authentication:
          - oidc: { issuer: "https://a.example/", audience: a, trusted-claims: [email] }
          - cognito: { region: us-west-2, user-pool-id: us-west-2_a, client-id: c }
        rules:
          - id: r
            when: { claims: { iss: "%s", email: a } }
            permissions: [ { role: ReadOnly, cache: a, item: all } ]
        """;
    assertThat(warnings(file.formatted("https://a.example/"))).isEmpty();
    String pool = "https://cognito-idp.us-west-2.amazonaws.com/us-west-2_a";
    assertThat(warnings(file.formatted(pool))).singleElement().asString().contains(pool);
    assertThat(
            warnings(
                file.formatted(pool)
                    .replace("client-id: c", "client-id: c, trusted-claims: [email]")))
        .isEmpty();
  }

  @Test
  void password_users_and_guests_have_no_such_claims() {
    assertThat(
            warnings(
                """
                authentication: [ { password: { users: "file:u" } } ]
                rules:
                  - id: r
                    when: { claims: { sub: ann } }
                    permissions: [ { role: ReadOnly, cache: a, item: all } ]
                """))
        .isEmpty();
  }

  private static List<String> warnings(String file) {
    return Good.warnings(file).stream()
        .filter(warning -> warning.contains("set the claim"))
        .toList();
  }

  private static String file(String issuer, String when, String tokenId, String topic) {
    return """
    authentication:
      - oidc: { issuer: "https://a.example/", audience: a%s }
    rules:
      - id: r
        %s
        %s
        permissions: [ { role: SubscribeOnly, cache: chat, topic: %s } ]
    """
        .formatted(issuer, when, tokenId, topic);
  }
}
