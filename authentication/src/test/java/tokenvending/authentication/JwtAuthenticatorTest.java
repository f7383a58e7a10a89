package tokenvending.authentication;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static tokenvending.authentication.Issuer.bearer;
import static tokenvending.authentication.Issuer.encoded;
import static tokenvending.authentication.Issuer.json;
import static tokenvending.authentication.Issuer.jwk;
import static tokenvending.authentication.Issuer.members;
import static tokenvending.authentication.Issuer.with;
import static tokenvending.authentication.Issuer.without;

import java.net.InetAddress;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.authentication.JwtRules.CognitoRules;
import tokenvending.authentication.JwtRules.OidcRules;
import tokenvending.identity.Attempt;
import tokenvending.identity.Authentication;
import tokenvending.identity.AuthenticationResult;
import tokenvending.identity.AuthenticationResult.Authenticated;
import tokenvending.identity.AuthenticationResult.Reason;
import tokenvending.identity.AuthenticationResult.Unauthenticated;
import tokenvending.identity.AuthenticationResult.Undecidable;
import tokenvending.identity.Claim;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.Groups;
import tokenvending.identity.PresentedCredential;
import tokenvending.identity.Principal;

/** Each forgery differs from the good token by one thing. */
final class JwtAuthenticatorTest {
  private static final String ISSUER = "https://login.example.com/";
  private static final List<String> INVALID =
      List.of("Bearer realm=\"token-vending\", error=\"invalid_token\"");

  private final SettableClock clock = new SettableClock();
  private final Provider provider = Provider.start();
  private final Provider attacker = Provider.start();
  private final JwksSource keys =
      new JwksSource(
          new KeySetLocation.At(ISSUER, provider.at(Provider.KEYS)),
          clock.nanoClock(),
          clock,
          SettableClock.ENOUGH);
  private final JwtAuthenticator oidc =
      new JwtAuthenticator(
          new OidcRules(ISSUER, List.of("chat-web"), List.of(), "groups"), keys, clock);

  private final Map<String, String> header = members("alg", "\"RS256\"", "kid", "\"rsa\"");
  private Map<String, String> claims = Map.of();

  @BeforeEach
  void publish_the_keys() {
    provider.answers(
        Provider.KEYS,
        Issuer.keySet(
            List.of(
                jwk("rsa", Issuer.RSA),
                with(jwk("rs512-only", Issuer.RSA), "alg", "\"RS512\""),
                with(jwk("for-encryption", Issuer.RSA), "use", "\"enc\""),
                with(without(jwk("for-signing", Issuer.RSA), "use"), "key_ops", "[\"sign\"]"),
                jwk("weak", Issuer.WEAK_RSA),
                jwk("p256", Issuer.P256),
                jwk("p384", Issuer.P384),
                jwk("p521", Issuer.P521),
                jwk("ed", Issuer.ED25519),
                members("kty", "\"oct\"", "kid", "\"shared\"", "k", "\"c2VjcmV0\""))));
    attacker.answers(Provider.KEYS, Issuer.keySet(List.of(jwk("rsa", Issuer.OTHER_RSA))));
    long now = clock.instant().getEpochSecond();
    claims =
        members(
            "iss", "\"" + ISSUER + "\"",
            "aud", "\"chat-web\"",
            "sub", "\"ann\"",
            "iat", "" + now,
            "exp", "" + (now + 3600));
  }

  @AfterEach
  void stop() {
    keys.close();
    provider.close();
    attacker.close();
  }

  @Test
  void good_token_is_accepted() {
    Principal principal = accepted(token(header, claims));
    assertThat(principal.issuer()).isEqualTo(ISSUER);
    assertThat(principal.subject()).contains("ann");
    assertThat(principal.groups()).isEmpty();
    assertThat(principal.sessionEnd())
        .contains(Instant.ofEpochSecond(clock.instant().getEpochSecond() + 3600));
  }

  @ParameterizedTest
  @ValueSource(strings = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
  void every_rsa_algorithm_of_the_list_is_accepted(String algorithm) {
    accepted(token(with(header, "alg", "\"" + algorithm + "\""), claims, algorithm, Issuer.RSA));
  }

  @Test
  void every_other_algorithm_of_the_list_is_accepted() {
    accepted(tokenBy("ES256", "p256", Issuer.P256));
    accepted(tokenBy("ES384", "p384", Issuer.P384));
    accepted(tokenBy("ES512", "p521", Issuer.P521));
    accepted(tokenBy("EdDSA", "ed", Issuer.ED25519));
    accepted(tokenBy("Ed25519", "ed", Issuer.ED25519));
  }

  @ParameterizedTest
  @ValueSource(strings = {"EdDSA", "Ed25519"})
  void ed25519_key_is_for_both_names_of_its_algorithm(String alg) {
    provider.answers(
        Provider.KEYS,
        Issuer.keySet(List.of(with(jwk("ed", Issuer.ED25519), "alg", "\"" + alg + "\""))));
    accepted(tokenBy("EdDSA", "ed", Issuer.ED25519));
    accepted(tokenBy("Ed25519", "ed", Issuer.ED25519));
    refused(tokenBy("Ed25519", "ed", pairOfEd25519()), Reason.BAD_SIGNATURE);
    refused(tokenBy("RS256", "ed", Issuer.RSA), Reason.ALGORITHM_NOT_ALLOWED);
  }

  @ParameterizedTest
  @Tag("T2")
  @ValueSource(strings = {"none", "None", "nOnE", "HS256", "HS512", "RS1", "rs256", "ES256K", ""})
  void T2_algorithm_outside_the_list_is_refused(String algorithm) {
    refused(
        token(with(header, "alg", "\"" + algorithm + "\""), claims), Reason.ALGORITHM_NOT_ALLOWED);
  }

  @Test
  @Tag("T2")
  void T2_unsigned_token_is_not_recognised() {
    String unsigned =
        encoded(json(with(header, "alg", "\"none\""))) + "." + encoded(json(claims)) + ".";
    notRecognised(unsigned);
  }

  @Test
  @Tag("T2")
  void T2_token_without_an_algorithm_is_refused() {
    refused(token(without(header, "alg"), claims), Reason.ALGORITHM_NOT_ALLOWED);
  }

  @Test
  @Tag("T2")
  void T2_public_key_is_no_hmac_secret() {
    String input = encoded(json(with(header, "alg", "\"HS256\""))) + "." + encoded(json(claims));
    byte[] der = Issuer.RSA.getPublic().getEncoded();
    String pem =
        "-----BEGIN PUBLIC KEY-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
            + "\n-----END PUBLIC KEY-----\n";
    for (byte[] secret : List.of(der, pem.getBytes(UTF_8))) {
      refused(input + "." + encoded(Issuer.hmac(input, secret)), Reason.ALGORITHM_NOT_ALLOWED);
    }
  }

  @Test
  @Tag("T2")
  void T2_symmetric_key_in_the_key_set_is_not_used() {
    String input =
        encoded(json(members("alg", "\"HS256\"", "kid", "\"shared\"")))
            + "."
            + encoded(json(claims));
    refused(
        input + "." + encoded(Issuer.hmac(input, "secret".getBytes(UTF_8))),
        Reason.ALGORITHM_NOT_ALLOWED);
  }

  @Test
  @Tag("T2")
  void T2_algorithm_of_another_kind_of_key_is_refused() {
    refused(tokenBy("ES256", "rsa", Issuer.P256), Reason.ALGORITHM_NOT_ALLOWED);
    refused(tokenBy("RS256", "p256", Issuer.RSA), Reason.ALGORITHM_NOT_ALLOWED);
    refused(tokenBy("ES256", "p384", Issuer.P256), Reason.ALGORITHM_NOT_ALLOWED);
    refused(tokenBy("EdDSA", "rsa", Issuer.ED25519), Reason.ALGORITHM_NOT_ALLOWED);
  }

  @Test
  @Tag("T2")
  void T2_algorithm_that_the_key_is_not_for_is_refused() {
    accepted(tokenBy("RS512", "rs512-only", Issuer.RSA));
    refused(tokenBy("RS256", "rs512-only", Issuer.RSA), Reason.ALGORITHM_NOT_ALLOWED);
  }

  @ParameterizedTest
  @Tag("T2")
  @ValueSource(strings = {"for-encryption", "for-signing"})
  void T2_key_for_another_use_is_unknown(String kid) {
    refused(tokenBy("RS256", kid, Issuer.RSA), Reason.UNKNOWN_KEY);
  }

  @Test
  @Tag("T2")
  void T2_rsa_key_of_1024_bits_is_unknown() {
    refused(tokenBy("RS256", "weak", Issuer.WEAK_RSA), Reason.UNKNOWN_KEY);
  }

  @Test
  @Tag("T2")
  void T2_signature_of_another_key_is_refused() {
    refused(token(header, claims, "RS256", Issuer.OTHER_RSA), Reason.BAD_SIGNATURE);
  }

  @Test
  @Tag("T2")
  void T2_signature_by_another_key_of_the_issuer_is_refused() {
    refused(tokenBy("ES256", "p256", pairOf("secp256r1")), Reason.BAD_SIGNATURE);
  }

  @ParameterizedTest
  @Tag("T2")
  @ValueSource(strings = {"unknown", "", "../rsa", "rsa\\u0000", "RSA"})
  void T2_unknown_key_id_is_refused(String kid) {
    refused(token(with(header, "kid", "\"" + kid + "\""), claims), Reason.UNKNOWN_KEY);
  }

  @Test
  @Tag("T2")
  void T2_key_id_that_is_no_string_is_refused() {
    refused(token(with(header, "kid", "1"), claims), Reason.MALFORMED_TOKEN);
  }

  @Test
  void token_without_key_id_is_refused_where_several_keys_fit() {
    refused(token(members("alg", "\"RS512\""), claims, "RS512", Issuer.RSA), Reason.UNKNOWN_KEY);
  }

  @Test
  void token_without_key_id_is_accepted_where_one_key_fits() {
    accepted(token(members("alg", "\"ES256\""), claims, "ES256", Issuer.P256));
  }

  @Test
  @Tag("T2")
  void T2_changed_claims_are_refused() {
    String good = token(header, claims);
    String changed = encoded(json(with(claims, "sub", "\"bob\"")));
    String forged =
        good.substring(0, good.indexOf('.') + 1) + changed + good.substring(good.lastIndexOf('.'));
    refused(forged, Reason.BAD_SIGNATURE);
  }

  @Test
  @Tag("T2")
  void T2_psychic_signature_is_refused() {
    String input =
        encoded(json(members("alg", "\"ES256\"", "kid", "\"p256\""))) + "." + encoded(json(claims));
    refused(input + "." + encoded(new byte[64]), Reason.BAD_SIGNATURE);
    refused(input + "." + encoded(new byte[] {0x30, 6, 2, 1, 0, 2, 1, 0}), Reason.BAD_SIGNATURE);
  }

  @Test
  @Tag("T2")
  void T2_signature_of_the_wrong_length_is_refused() {
    String input = encoded(json(header)) + "." + encoded(json(claims));
    for (int length : new int[] {1, 64, 255, 257}) {
      refused(input + "." + encoded(new byte[length]), Reason.BAD_SIGNATURE);
    }
    String ed =
        encoded(json(members("alg", "\"EdDSA\"", "kid", "\"ed\""))) + "." + encoded(json(claims));
    refused(ed + "." + encoded(new byte[64]), Reason.BAD_SIGNATURE);
    refused(ed + "." + encoded(new byte[63]), Reason.BAD_SIGNATURE);
  }

  @Test
  @Tag("T2")
  void T2_key_that_the_token_brings_is_ignored_and_its_address_never_asked() {
    String attackersKey = json(jwk("rsa", Issuer.OTHER_RSA));
    String address = "\"" + attacker.at(Provider.KEYS) + "\"";
    for (Map<String, String> bringing :
        List.of(
            with(header, "jku", address),
            with(header, "x5u", address),
            with(header, "jwk", attackersKey),
            with(header, "x5c", "[\"MIIB\"]"),
            with(header, "jku", "7"))) {
      refused(token(bringing, claims, "RS256", Issuer.OTHER_RSA), Reason.BAD_SIGNATURE);
      refused(
          token(without(bringing, "kid"), claims, "RS256", Issuer.OTHER_RSA), Reason.BAD_SIGNATURE);
      accepted(token(bringing, claims));
    }
    assertThat(attacker.requests()).isZero();
  }

  @ParameterizedTest
  @Tag("T2")
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "crit;[\"exp\"]",
        "crit;[]",
        "b64;false",
        "zip;\"DEF\"",
        "enc;\"A256GCM\"",
        "p2c;1000000",
        "p2s;\"AAAA\"",
      },
      delimiter = ';')
  void T2_header_that_changes_the_rules_is_refused(String name, String value) {
    refused(token(with(header, name, value), claims), Reason.MALFORMED_TOKEN);
  }

  @Test
  @Tag("T2")
  void T2_encrypted_token_is_not_recognised() {
    String header =
        encoded(
            json(
                members(
                    "alg", "\"PBES2-HS256+A128KW\"",
                    "enc", "\"A128GCM\"",
                    "p2c", "2147483647",
                    "p2s", "\"AAAA\"")));
    notRecognised(header + ".AAAA.AAAA." + encoded(json(claims)) + ".AAAA");
    notRecognised(header + ".." + "AAAA." + encoded(json(claims)) + ".AAAA");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"JWT\"",
        "\"jwt\"",
        "\"application/jwt\"",
        "\"at+jwt\"",
        "\"AT+JWT\"",
        "\"application/at+jwt\"",
        "\"JOSE\"",
        "\"Bearer\"",
        "\"\"",
        "null"
      })
  void type_of_an_access_token_or_an_unknown_type_is_accepted(String type) {
    accepted(token(with(header, "typ", type), claims));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "logout+jwt",
        "Logout+JWT",
        "application/logout+jwt",
        "dpop+jwt",
        "secevent+jwt",
        "kb+jwt",
        "oauth-authz-req+jwt",
        "token-introspection+jwt",
        "vc+sd-jwt",
        " logout+jwt",
        "logout+jwt; charset=utf-8",
        "at+jwt+logout",
        "JOSE+JSON"
      })
  @Tag("T2")
  void T2_type_for_another_purpose_is_refused(String type) {
    refused(token(with(header, "typ", "\"" + type + "\""), claims), Reason.WRONG_TOKEN_USE);
  }

  @ParameterizedTest
  @Tag("T2")
  @ValueSource(strings = {"1", "true", "[\"JWT\"]", "{}"})
  void T2_type_that_is_no_string_is_refused(String type) {
    refused(token(with(header, "typ", type), claims), Reason.MALFORMED_TOKEN);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"http://schemas.openid.net/event/backchannel-logout\":{}}",
        "{\"https://schemas.openid.net/secevent/risc/event-type/account-disabled\":{}}",
        "{}",
        "[]",
        "\"logout\"",
        "false"
      })
  @Tag("T2")
  void T2_security_event_token_is_refused(String events) {
    refused(token(header, with(claims, "events", events)), Reason.WRONG_TOKEN_USE);
    Map<String, String> logout = with(with(claims, "events", events), "sid", "\"session\"");
    refused(token(header, logout), Reason.WRONG_TOKEN_USE);
    refused(cognito(), token(header, with(idToken(), "events", events)), Reason.WRONG_TOKEN_USE);
    accepted(token(header, with(claims, "events", "null")));
  }

  @Test
  @Tag("T2")
  void T2_expiry_has_a_minute_of_grace() {
    accepted(token(header, with(claims, "exp", "" + (now() - 59))));
    refused(token(header, with(claims, "exp", "" + (now() - 60))), Reason.EXPIRED);
    refused(token(header, with(claims, "exp", "" + (now() - 61))), Reason.EXPIRED);
  }

  @Test
  @Tag("T2")
  void T2_expired_token_is_refused_by_the_same_clock() {
    String token = token(header, claims);
    accepted(token);
    clock.advance(Duration.ofSeconds(3600 + 61));
    refused(token, Reason.EXPIRED);
  }

  @Test
  @Tag("T2")
  void T2_not_before_has_a_minute_of_grace() {
    accepted(token(header, with(claims, "nbf", "" + (now() + 59))));
    refused(token(header, with(claims, "nbf", "" + (now() + 61))), Reason.NOT_YET_VALID);
  }

  @Test
  @Tag("T2")
  void T2_issued_at_has_a_minute_of_grace() {
    accepted(token(header, with(claims, "iat", "" + (now() + 59))));
    accepted(token(header, without(claims, "iat")));
    refused(token(header, with(claims, "iat", "" + (now() + 61))), Reason.NOT_YET_VALID);
  }

  @Test
  @Tag("T2")
  void T2_expiry_is_required() {
    refused(token(header, without(claims, "exp")), Reason.MISSING_CLAIM);
  }

  @ParameterizedTest
  @Tag("T2")
  @ValueSource(
      strings = {"\"4102444800\"", "null", "-1", "1e300", "4102444800000", "[4102444800]", "true"})
  void T2_expiry_that_is_no_time_is_refused(String expiry) {
    refused(token(header, with(claims, "exp", expiry)), Reason.MISSING_CLAIM);
  }

  @ParameterizedTest
  @Tag("T2")
  @ValueSource(strings = {"\"0\"", "{}", "1e300"})
  void T2_not_before_that_is_no_time_is_refused(String notBefore) {
    refused(token(header, with(claims, "nbf", notBefore)), Reason.MALFORMED_TOKEN);
  }

  @Test
  void null_counts_as_absent() {
    Map<String, String> nulls = claims;
    for (String name : List.of("nbf", "iat", "azp", "client_id", "events", "groups", "jti")) {
      nulls = with(nulls, name, "null");
    }
    accepted(token(header, nulls));
    Map<String, String> noKeyId = with(members("alg", "\"ES256\""), "kid", "null");
    for (String name : List.of("typ", "crit", "zip", "b64", "jku", "cty")) {
      noKeyId = with(noKeyId, name, "null");
    }
    accepted(token(noKeyId, claims, "ES256", Issuer.P256));
  }

  @Test
  void expiry_with_a_fraction_or_an_exponent_is_read() {
    accepted(token(header, with(claims, "exp", (now() + 10) + ".5")));
    accepted(token(header, with(claims, "exp", "4.102444800e9")));
  }

  @Test
  void audience_may_be_one_of_a_list() {
    accepted(token(header, with(claims, "aud", "[\"chat-web\"]")));
    accepted(token(header, with(claims, "aud", "[\"chat-web\",\"chat-web\",null]")));
    // OpenID Connect Core §3.1.3.7 is about several audiences: one may have another azp.
    accepted(token(header, with(claims, "azp", "\"chat-android\"")));
  }

  @ParameterizedTest
  @CsvSource({"azp", "client_id"})
  void token_of_several_audiences_is_accepted_where_it_was_issued_to_one_of_ours(String claim) {
    Map<String, String> several = with(claims, "aud", "[\"other\",\"chat-web\"]");
    accepted(token(header, with(several, claim, "\"chat-web\"")));
    JwtAuthenticator api = by(List.of("chat-web"), List.of("spa", "app"));
    accepted(api, token(header, with(several, claim, "\"spa\"")));
    accepted(api, token(header, with(several, claim, "\"app\"")));
    refused(
        api, token(header, with(several, claim, "\"chat-web\"")), Reason.WRONG_AUTHORIZED_PARTY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"other\"",
        "\"chat-web2\"",
        "\"\"",
        "null",
        "7",
        "[\"chat-web\"]",
        "{\"chat-web\":1}"
      })
  @Tag("T2")
  void T2_token_of_several_audiences_that_was_issued_to_others_is_refused(String party) {
    Map<String, String> several = with(claims, "aud", "[\"chat-web\",\"other\"]");
    refused(token(header, several), Reason.WRONG_AUTHORIZED_PARTY);
    refused(token(header, with(several, "azp", party)), Reason.WRONG_AUTHORIZED_PARTY);
    refused(token(header, with(several, "client_id", party)), Reason.WRONG_AUTHORIZED_PARTY);
    refused(
        token(header, with(with(several, "azp", "\"chat-web\""), "client_id", "\"other\"")),
        Reason.WRONG_AUTHORIZED_PARTY);
    Map<String, String> notText = with(claims, "aud", "[\"chat-web\",7]");
    refused(token(header, notText), Reason.WRONG_AUTHORIZED_PARTY);
  }

  // Bound by the client

  private JwtAuthenticator by(List<String> audiences, List<String> clientIds) {
    return new JwtAuthenticator(new OidcRules(ISSUER, audiences, clientIds, "groups"), keys, clock);
  }

  @ParameterizedTest
  @CsvSource({"azp", "client_id"})
  void token_is_bound_by_its_client_where_the_file_names_no_audience(String claim) {
    JwtAuthenticator byClient = by(List.of(), List.of("spa"));
    Map<String, String> issued = with(without(claims, "aud"), claim, "\"spa\"");
    accepted(byClient, token(header, issued));
    accepted(byClient, token(header, with(issued, "aud", "\"account\"")));
    accepted(byClient, token(header, with(issued, "aud", "[\"account\",\"other\"]")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"other\"", "\"SPA\"", "\"spa \"", "null", "7", "[\"spa\"]"})
  @Tag("T2")
  void T2_token_of_another_client_is_refused(String client) {
    JwtAuthenticator byClient = by(List.of(), List.of("spa"));
    Map<String, String> issued = without(claims, "aud");
    for (String claim : List.of("azp", "client_id")) {
      refused(byClient, token(header, with(issued, claim, client)), Reason.WRONG_AUTHORIZED_PARTY);
    }
    refused(byClient, token(header, claims), Reason.WRONG_AUTHORIZED_PARTY);
    refused(byClient, token(header, with(claims, "aud", "\"spa\"")), Reason.WRONG_AUTHORIZED_PARTY);
    refused(
        byClient,
        token(header, with(with(issued, "azp", "\"other\""), "client_id", "\"spa\"")),
        Reason.WRONG_AUTHORIZED_PARTY);
  }

  @Test
  @Tag("T2")
  void T2_both_audience_and_client_must_match_where_the_file_names_both() {
    JwtAuthenticator both = by(List.of("chat-web"), List.of("spa"));
    accepted(both, token(header, with(claims, "azp", "\"spa\"")));
    refused(both, token(header, claims), Reason.WRONG_AUTHORIZED_PARTY);
    refused(
        both,
        token(header, with(with(claims, "azp", "\"spa\""), "aud", "\"other\"")),
        Reason.WRONG_AUDIENCE);
  }

  @ParameterizedTest
  @Tag("T2")
  @ValueSource(
      strings = {
        "\"other\"",
        "\"chat-web2\"",
        "\"Chat-Web\"",
        "[]",
        "[\"other\"]",
        "\"chat-web chat-admin\"",
        "[[\"chat-web\"]]",
        "{\"chat-web\":1}",
        "null"
      })
  void T2_audience_of_others_is_refused(String audience) {
    refused(token(header, with(claims, "aud", audience)), Reason.WRONG_AUDIENCE);
  }

  @Test
  @Tag("T2")
  void T2_audience_is_required() {
    refused(token(header, without(claims, "aud")), Reason.WRONG_AUDIENCE);
  }

  @ParameterizedTest
  @Tag("T2")
  @ValueSource(
      strings = {
        "\"https://login.example.com\"",
        "\"https://LOGIN.example.com/\"",
        "\"https://login.example.com//\"",
        "[\"https://login.example.com/\"]",
        "null"
      })
  void T2_another_issuer_is_not_recognised(String issuer) {
    String token = token(header, with(claims, "iss", issuer));
    notRecognised(token);
  }

  @Test
  @Tag("T2")
  void T2_missing_issuer_is_not_recognised() {
    notRecognised(token(header, without(claims, "iss")));
  }

  @ParameterizedTest
  @Tag("T2")
  @ValueSource(
      strings = {
        "\"\"",
        "null",
        "7",
        "[\"ann\"]",
        "\" \"",
        "\"\\t\"",
        "\"\\u00a0\"",
        "\"\\u3164 \"",
        "\"\\u200b\""
      })
  void T2_subject_is_required(String subject) {
    refused(token(header, with(claims, "sub", subject)), Reason.MISSING_CLAIM);
    refused(token(header, without(claims, "sub")), Reason.MISSING_CLAIM);
  }

  @Test
  @Tag("T2")
  void T2_subject_has_255_characters_at_most() {
    accepted(token(header, with(claims, "sub", "\"" + "s".repeat(255) + "\"")));
    refused(
        token(header, with(claims, "sub", "\"" + "s".repeat(256) + "\"")), Reason.MISSING_CLAIM);
  }

  @Test
  @Tag("T2")
  void T2_claim_named_twice_is_not_recognised() {
    String twice = json(claims).replace("}", ",\"sub\":\"bob\"}");
    notRecognised(Issuer.signed(json(header), twice, "RS256", Issuer.RSA.getPrivate()));
    String escaped = json(claims).replace("}", ",\"\\u0073ub\":\"bob\"}");
    notRecognised(Issuer.signed(json(header), escaped, "RS256", Issuer.RSA.getPrivate()));
    String nested = json(with(claims, "x", "{\"a\":1,\"a\":2}"));
    notRecognised(Issuer.signed(json(header), nested, "RS256", Issuer.RSA.getPrivate()));
  }

  @Test
  @Tag("T2")
  void T2_header_named_twice_is_not_recognised() {
    String twice = json(header).replace("}", ",\"alg\":\"none\"}");
    notRecognised(Issuer.signed(twice, json(claims), "RS256", Issuer.RSA.getPrivate()));
  }

  @Test
  @Tag("T2")
  void T2_deep_nesting_is_not_recognised() {
    accepted(token(header, with(claims, "x", "[".repeat(11) + "]".repeat(11))));
    notRecognised(token(header, with(claims, "x", "[".repeat(12) + "]".repeat(12))));
    notRecognised(token(header, with(claims, "x", "[".repeat(2500) + "]".repeat(2500))));
  }

  @Test
  @Tag("T2")
  void T2_characters_outside_base64url_are_not_recognised() {
    String good = token(header, claims);
    int dot = good.indexOf('.');
    for (String stray : List.of("=", "+", "/", " ", "\n", "%", "\u0000", "é", "==")) {
      notRecognised(good.substring(0, dot) + stray + good.substring(dot));
      notRecognised(good + stray);
      notRecognised(stray + good);
    }
  }

  @Test
  @Tag("T2")
  void T2_second_spelling_of_the_same_bytes_is_not_recognised() {
    String good = token(header, claims, "RS256", Issuer.RSA);
    // 256 bytes leave four bits unused in the last character.
    char last = good.charAt(good.length() - 1);
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char other = alphabet.charAt(alphabet.indexOf(last) + 1);
    notRecognised(good.substring(0, good.length() - 1) + other);
  }

  @Test
  @Tag("T2")
  void T2_token_over_8_KiB_is_not_recognised() {
    int room = 8 * 1024 - token(header, with(claims, "x", "\"\"")).length();
    String longest = token(header, with(claims, "x", "\"" + "x".repeat(room * 3 / 4 - 3) + "\""));
    assertThat(longest.length()).isBetween(8 * 1024 - 8, 8 * 1024);
    accepted(longest);
    String longer = token(header, with(claims, "x", "\"" + "x".repeat(room * 3 / 4 + 3) + "\""));
    assertThat(longer.length()).isBetween(8 * 1024 + 1, 8 * 1024 + 8);
    notRecognised(longer);
    notRecognised(token(header, with(claims, "x", "\"" + "x".repeat(9 * 1024) + "\"")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "...", "a.b", "a.b.c", "e30.e30.AA", "x", "eyJ.eyJ.x"})
  void garbage_is_not_recognised(String garbage) {
    notRecognised(garbage);
  }

  @Test
  void claims_are_kept_in_their_json_form() {
    Map<String, String> rich = with(claims, "tenant", "\"acme\"");
    rich = with(rich, "level", "7");
    rich = with(rich, "ratio", "1.50");
    rich = with(rich, "admin", "false");
    rich = with(rich, "roles", "[\"a\",2,true,null,{\"b\":1}]");
    rich = with(rich, "address", "{\"city\":\"x\"}");
    rich = with(rich, "nothing", "null");
    rich = with(rich, "objects", "[{\"name\":\"a\"}]");
    rich = with(rich, "none", "[]");
    Principal principal = accepted(token(header, rich));
    assertThat(principal.claim("tenant")).contains(new Claim.One("acme"));
    assertThat(principal.claim("level")).contains(new Claim.One("7"));
    assertThat(principal.claim("ratio")).contains(new Claim.One("1.50"));
    assertThat(principal.claim("admin")).contains(new Claim.One("false"));
    assertThat(principal.claim("roles")).contains(new Claim.Many(List.of("a", "2", "true")));
    assertThat(principal.claim("address"))
        .contains(new Claim.Members(Map.of("city", new Claim.One("x"))));
    assertThat(principal.claim("address.city")).contains(new Claim.One("x"));
    assertThat(principal.claim("objects")).contains(new Claim.Unreadable());
    assertThat(principal.claim("none")).contains(new Claim.Many(List.of()));
    assertThat(principal.claim("nothing")).isEmpty();
    assertThat(principal.claim("iss")).contains(new Claim.One(ISSUER));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = ';',
      value = {"\"moderators\";moderators", "[\"moderators\"];moderators", "[7,\"a b\"];a b"})
  void groups_are_a_string_or_a_list_of_strings(String json, String group) {
    assertThat(accepted(token(header, with(claims, "groups", json))).groups())
        .containsExactly(group);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "7",
        "true",
        "{}",
        "{\"moderators\":false}",
        "{\"moderators\":\"yes\"}",
        "{\"moderators\":1}",
        "{\"moderators\":{}}",
        "{\"moderators\":null}",
        "{\"names\":[\"moderators\"]}",
        "[7]",
        "[[\"moderators\"]]",
        "[{\"name\":\"moderators\"}]"
      })
  void groups_of_another_type_grant_nothing(String json) {
    Principal principal = accepted(token(header, with(claims, "groups", json)));
    assertThat(principal.groups()).isEmpty();
    assertThat(principal.statedGroups()).isEqualTo(new Groups.Unreadable("groups"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "[]"})
  void groups_may_be_absent_or_none(String json) {
    assertThat(accepted(token(header, with(claims, "groups", json))).groups()).isEmpty();
    assertThat(accepted(token(header, claims)).statedGroups())
        .isEqualTo(new Groups.Absent("groups"));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = ';',
      value = {
        // Keycloak
        "realm_access.roles;realm_access;{\"roles\":[\"admin\",\"user\"]}",
        "resource_access.my.client.roles;resource_access;{\"my.client\":{\"roles\":[\"admin\",\"user\"]}}",
        // Auth0
        "https://example.com/roles;https://example.com/roles;[\"admin\",\"user\"]",
        "https://example.com/app.roles;https://example.com/app;{\"roles\":[\"admin\",\"user\"]}",
        // Zitadel
        "urn:zitadel:iam:org:project:roles;urn:zitadel:iam:org:project:roles;{\"admin\":{\"1\":\"a.example\"},\"user\":{\"1\":\"a.example\"}}",
        "roles;roles;{\"admin\":true,\"user\":true,\"owner\":false}",
        "scope;scope;\"admin user\"",
        "scp;scp;\" admin  user \"",
        "scp;scp;[\"admin\",\"user\"]",
        "a.b.c;a;{\"b.c\":[\"admin\",\"user\"],\"b\":{\"c\":[\"other\"]}}",
        "a.b.c;a;{\"b\":{\"c\":[\"admin\",\"user\"]}}"
      })
  void groups_are_found_by_the_name_of_a_claim_or_a_path(
      String groupsClaim, String claim, String json) {
    JwtAuthenticator by =
        new JwtAuthenticator(
            new OidcRules(ISSUER, List.of("chat-web"), List.of(), groupsClaim), keys, clock);
    Principal principal = accepted(by, token(header, with(claims, claim, json)));
    assertThat(principal.groups()).containsExactlyInAnyOrder("admin", "user");
  }

  @Test
  void claim_with_the_whole_name_comes_before_a_path() {
    JwtAuthenticator by =
        new JwtAuthenticator(
            new OidcRules(ISSUER, List.of("chat-web"), List.of(), "a.b"), keys, clock);
    Map<String, String> both = with(claims, "a", "{\"b\":[\"nested\"]}");
    assertThat(accepted(by, token(header, both)).groups()).containsExactly("nested");
    both = with(both, "a.b", "[\"literal\"]");
    Principal principal = accepted(by, token(header, both));
    assertThat(principal.groups()).containsExactly("literal");
    assertThat(principal.claim("a.b")).contains(new Claim.Many(List.of("literal")));
  }

  @Test
  void groups_come_from_the_claim_that_is_configured() {
    JwtAuthenticator byRole =
        new JwtAuthenticator(
            new OidcRules(ISSUER, List.of("chat-web"), List.of(), "roles"), keys, clock);
    Map<String, String> both =
        with(with(claims, "groups", "[\"admins\"]"), "roles", "[\"readers\"]");
    assertThat(accepted(byRole, token(header, both)).groups()).containsExactly("readers");
  }

  @Test
  void caller_without_credential_is_told_the_scheme_only() {
    assertThat(oidc.challenges()).containsExactly("Bearer realm=\"token-vending\"");
    assertThat(oidc.authenticate(new PresentedCredential.None(), attempt())).isEmpty();
    AuthenticationResult nobody =
        new Authentication(List.of(oidc)).authenticate(new PresentedCredential.None(), attempt());
    assertThat(nobody).isEqualTo(new Unauthenticated(Reason.NO_CREDENTIAL, oidc.challenges()));
  }

  @Test
  void bad_token_does_not_fall_through_to_open() {
    Authentication ways = new Authentication(List.of(oidc, new OpenAuthenticator()));
    for (String bad :
        List.of(
            token(header, claims, "RS256", Issuer.OTHER_RSA),
            token(header, with(claims, "iss", "\"https://evil.example\"")),
            "garbage")) {
      assertThat(ways.authenticate(bearer(bad), attempt())).isInstanceOf(Unauthenticated.class);
    }
    assertThat(ways.authenticate(new PresentedCredential.None(), attempt()))
        .isInstanceOf(Authenticated.class);
  }

  @Test
  void two_issuers_do_not_vouch_for_each_other() {
    JwtAuthenticator other =
        new JwtAuthenticator(
            new OidcRules("https://b.example", List.of("chat-web"), List.of(), "groups"),
            keys,
            clock);
    Authentication ways = new Authentication(List.of(other, oidc));
    AuthenticationResult result = ways.authenticate(bearer(token(header, claims)), attempt());
    assertThat(((Authenticated) result).principal().issuer()).isEqualTo(ISSUER);
  }

  // What was verified is remembered

  @Test
  void token_that_was_verified_is_not_verified_again() {
    String token = token(header, claims);
    Principal first = accepted(token);
    assertThat(accepted(token)).isSameAs(first);
    assertThat(accepted(token(header, with(claims, "jti", "\"2\"")))).isNotSameAs(first);
  }

  @Test
  @Tag("T2")
  void T2_remembered_token_is_refused_once_it_has_expired() {
    String token = token(header, with(claims, "exp", "" + (now() + 30)));
    accepted(token);
    clock.advance(Duration.ofSeconds(89));
    accepted(token);
    clock.advance(Duration.ofSeconds(1));
    refused(token, Reason.EXPIRED);
  }

  @Test
  @Tag("T2")
  void T2_remembered_token_is_refused_when_the_clock_goes_back_to_before_its_start() {
    String token = token(header, with(claims, "nbf", "" + now()));
    accepted(token);
    clock.stepWall(Duration.ofMinutes(-1));
    accepted(token);
    clock.stepWall(Duration.ofSeconds(-1));
    refused(token, Reason.NOT_YET_VALID);
  }

  @Test
  @Tag("T14")
  void T14_remembered_token_is_refused_once_its_key_has_been_withdrawn() {
    String token = token(header, claims);
    accepted(token);
    provider.answers(Provider.KEYS, Issuer.keySet(List.of(jwk("p256", Issuer.P256))));
    clock.advance(JwksSource.FRESH);
    refused(token, Reason.UNKNOWN_KEY);
  }

  @Test
  @Tag("T14")
  void T14_remembered_token_is_refused_once_another_key_has_its_key_id() {
    String token = token(header, claims);
    accepted(token);
    provider.answers(Provider.KEYS, Issuer.keySet(List.of(jwk("rsa", Issuer.OTHER_RSA))));
    clock.advance(JwksSource.FRESH);
    refused(token, Reason.BAD_SIGNATURE);
  }

  @Test
  @Tag("T14")
  void T14_remembered_token_cannot_be_judged_when_the_keys_have_been_out_of_reach_for_a_day() {
    String token = token(header, with(claims, "exp", "" + (now() + 7 * 86_400)));
    accepted(token);
    provider.answers(Provider.KEYS, "not a key set");
    clock.advance(JwksSource.USABLE.plusSeconds(1));
    assertThat(oidc.authenticate(bearer(token), attempt()).orElseThrow())
        .isInstanceOf(Undecidable.class);
  }

  @Test
  @Tag("T2")
  void T2_forgery_of_a_remembered_token_is_refused() {
    String token = token(header, claims);
    accepted(token);
    String signature = token.substring(token.lastIndexOf('.'));
    String forged = token(header, with(claims, "sub", "\"bob\""));
    refused(forged.substring(0, forged.lastIndexOf('.')) + signature, Reason.BAD_SIGNATURE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"keys\":[]}", "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"rsa\"}]}"})
  @Tag("T14")
  void T14_remembered_token_is_refused_once_no_key_is_left(String withdrawn) {
    String named = token(header, claims);
    String unnamed = token(members("alg", "\"ES256\""), claims, "ES256", Issuer.P256);
    accepted(named);
    accepted(unnamed);
    provider.answers(Provider.KEYS, withdrawn);
    clock.advance(JwksSource.FRESH);
    refused(named, Reason.UNKNOWN_KEY);
    refused(unnamed, Reason.UNKNOWN_KEY);
    clock.advance(Duration.ofMinutes(30));
    refused(named, Reason.UNKNOWN_KEY);
  }

  @Test
  void new_key_under_an_old_id_is_found_at_the_first_bad_signature() {
    accepted(token(header, claims));
    provider.answers(Provider.KEYS, Issuer.keySet(List.of(jwk("rsa", Issuer.OTHER_RSA))));
    clock.advance(JwksSource.FLOOR);
    accepted(token(header, claims, "RS256", Issuer.OTHER_RSA));
    refused(token(header, claims), Reason.BAD_SIGNATURE);
    assertThat(provider.requestsTo(Provider.KEYS)).isEqualTo(2);
  }

  @Test
  void new_key_of_another_kind_under_an_old_id_is_found_at_the_first_token() {
    accepted(token(header, claims));
    provider.answers(Provider.KEYS, Issuer.keySet(List.of(jwk("rsa", Issuer.P256))));
    clock.advance(JwksSource.FLOOR);
    accepted(tokenBy("ES256", "rsa", Issuer.P256));
  }

  @Test
  void new_key_is_found_by_a_token_that_names_none() {
    provider.answers(Provider.KEYS, Issuer.keySet(List.of(jwk("one", Issuer.P256))));
    Map<String, String> unnamed = members("alg", "\"ES256\"");
    accepted(token(unnamed, claims, "ES256", Issuer.P256));
    KeyPair next = pairOf("secp256r1");
    provider.answers(Provider.KEYS, Issuer.keySet(List.of(jwk("two", next))));
    clock.advance(JwksSource.FLOOR);
    accepted(token(unnamed, claims, "ES256", next));
  }

  @Test
  @Tag("T14")
  void T14_bad_signatures_cost_one_fetch_in_30_seconds() {
    accepted(token(header, claims));
    String forged = token(header, claims, "RS256", Issuer.OTHER_RSA);
    for (int second = 0; second < 60; second++) {
      for (int i = 0; i < 10; i++) {
        refused(forged, Reason.BAD_SIGNATURE);
      }
      clock.advance(Duration.ofSeconds(1));
    }
    assertThat(provider.requestsTo(Provider.KEYS)).isEqualTo(2);
    provider.answers(Provider.KEYS, 500, "");
    clock.advance(JwksSource.FLOOR);
    refused(forged, Reason.BAD_SIGNATURE);
    refused(forged, Reason.BAD_SIGNATURE);
    assertThat(provider.requestsTo(Provider.KEYS)).isEqualTo(3);
  }

  @Test
  void refusal_is_not_remembered() {
    provider.answers(Provider.KEYS, Issuer.keySet(List.of(jwk("rsa", Issuer.OTHER_RSA))));
    String token = token(header, claims);
    refused(token, Reason.BAD_SIGNATURE);
    provider.answers(Provider.KEYS, Issuer.keySet(List.of(jwk("rsa", Issuer.RSA))));
    clock.advance(JwksSource.FRESH);
    accepted(token);
  }

  // Cognito

  private JwtAuthenticator cognito() {
    return new JwtAuthenticator(new CognitoRules(ISSUER, "client7"), keys, clock);
  }

  private Map<String, String> idToken() {
    return with(with(claims, "token_use", "\"id\""), "aud", "\"client7\"");
  }

  private Map<String, String> accessToken() {
    return with(
        with(without(claims, "aud"), "token_use", "\"access\""), "client_id", "\"client7\"");
  }

  @Test
  void cognito_id_token_and_access_token_are_accepted_with_their_groups() {
    Map<String, String> withGroups =
        with(with(idToken(), "cognito:groups", "[\"moderators\"]"), "groups", "[\"admins\"]");
    assertThat(accepted(cognito(), token(header, withGroups)).groups())
        .containsExactly("moderators");
    accepted(cognito(), token(header, accessToken()));
  }

  @Test
  @Tag("T2")
  void T2_cognito_token_of_another_client_is_refused() {
    refused(cognito(), token(header, with(idToken(), "aud", "\"client8\"")), Reason.WRONG_AUDIENCE);
    refused(
        cognito(), token(header, with(idToken(), "aud", "[\"client7\"]")), Reason.WRONG_AUDIENCE);
    refused(
        cognito(),
        token(header, with(accessToken(), "client_id", "\"client8\"")),
        Reason.WRONG_AUDIENCE);
    refused(cognito(), token(header, without(accessToken(), "client_id")), Reason.WRONG_AUDIENCE);
  }

  @Test
  @Tag("T2")
  void T2_cognito_rules_of_one_use_do_not_serve_another() {
    refused(
        cognito(), token(header, with(accessToken(), "aud", "\"client7\"")), Reason.WRONG_AUDIENCE);
    refused(
        cognito(),
        token(header, with(accessToken(), "token_use", "\"id\"")),
        Reason.WRONG_AUDIENCE);
    refused(
        cognito(),
        token(header, with(idToken(), "token_use", "\"access\"")),
        Reason.WRONG_AUDIENCE);
  }

  @ParameterizedTest
  @Tag("T2")
  @ValueSource(strings = {"\"refresh\"", "\"ID\"", "\"\"", "null", "[\"id\"]"})
  void T2_cognito_token_of_another_use_is_refused(String use) {
    refused(cognito(), token(header, with(idToken(), "token_use", use)), Reason.WRONG_TOKEN_USE);
    refused(cognito(), token(header, without(idToken(), "token_use")), Reason.WRONG_TOKEN_USE);
  }

  @Test
  void issuer_of_a_pool_follows_from_region_and_id() {
    assertThat(CognitoRules.ofPool("us-west-2", "us-west-2_abc", "c").issuer())
        .isEqualTo("https://cognito-idp.us-west-2.amazonaws.com/us-west-2_abc");
  }

  private long now() {
    return clock.instant().getEpochSecond();
  }

  private static KeyPair pairOfEd25519() {
    try {
      return java.security.KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    } catch (java.security.GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static KeyPair pairOf(String curve) {
    try {
      var generator = java.security.KeyPairGenerator.getInstance("EC");
      generator.initialize(new java.security.spec.ECGenParameterSpec(curve));
      return generator.generateKeyPair();
    } catch (java.security.GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static String token(Map<String, String> header, Map<String, String> claims) {
    return token(header, claims, "RS256", Issuer.RSA);
  }

  private static String token(
      Map<String, String> header, Map<String, String> claims, String algorithm, KeyPair by) {
    return Issuer.signed(json(header), json(claims), algorithm, by.getPrivate());
  }

  private String tokenBy(String algorithm, String kid, KeyPair by) {
    return token(
        members("alg", "\"" + algorithm + "\"", "kid", "\"" + kid + "\""), claims, algorithm, by);
  }

  private Principal accepted(String token) {
    return accepted(oidc, token);
  }

  private static Principal accepted(JwtAuthenticator by, String token) {
    AuthenticationResult result = by.authenticate(bearer(token), attempt()).orElseThrow();
    assertThat(result).isInstanceOf(Authenticated.class);
    return ((Authenticated) result).principal();
  }

  private void refused(String token, Reason reason) {
    refused(oidc, token, reason);
  }

  private static void refused(JwtAuthenticator by, String token, Reason reason) {
    assertThat(by.authenticate(bearer(token), attempt()))
        .contains(new Unauthenticated(reason, INVALID));
  }

  /** Then nobody else takes it either: the answer is 401, and the keys were never asked for. */
  private void notRecognised(String token) {
    assertThat(oidc.authenticate(bearer(token), attempt())).isEmpty();
    assertThat(new Authentication(List.of(oidc)).authenticate(bearer(token), attempt()))
        .isEqualTo(new Unauthenticated(Reason.NO_AUTHENTICATION_METHOD, INVALID));
  }

  private static Attempt attempt() {
    return new Attempt(
        "request", new ClientAddress(InetAddress.getLoopbackAddress()), Instant.EPOCH);
  }
}
