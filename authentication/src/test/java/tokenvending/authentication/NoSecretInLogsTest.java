package tokenvending.authentication;

import static org.assertj.core.api.Assertions.assertThat;
import static tokenvending.authentication.Issuer.jwk;
import static tokenvending.authentication.Issuer.members;
import static tokenvending.authentication.Issuer.with;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import tokenvending.authentication.JwtRules.OidcRules;
import tokenvending.authentication.Users.User;
import tokenvending.identity.Attempt;
import tokenvending.identity.AuthenticationResult;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.PresentedCredential;
import tokenvending.identity.PresentedCredential.UserPassword;
import tokenvending.secret.Secret;

final class NoSecretInLogsTest {
  private static final String MARK = "MARKEDmarkedMARKED";

  private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  private final Level before = root.getLevel();
  private final ListAppender<ILoggingEvent> events = new ListAppender<>();
  private final SettableClock clock = new SettableClock();

  @BeforeEach
  void listen_to_everything() {
    events.start();
    root.setLevel(Level.TRACE);
    root.addAppender(events);
    root.detachAppender("console");
  }

  @AfterEach
  void restore() {
    root.detachAppender(events);
    root.setLevel(before);
  }

  @Test
  @Tag("T5")
  void T5_no_credential_reaches_a_log_or_an_answer_at_the_most_verbose_level() {
    List<String> said = new ArrayList<>();
    SecureRandom random = new SecureRandom();
    Argon2Hash hash =
        Argon2Hash.of(Secret.of(MARK + "right"), random, new Argon2Hash.Cost(64, 1, 1, 32));
    Users users = Users.of(Map.of("ann", new User(hash, Set.of())));
    PasswordAuthenticator passwords =
        new PasswordAuthenticator(() -> Optional.of(users), clock.nanoClock(), random, 1);
    said.add(users.toString());
    for (String password : List.of(MARK + "right", MARK, MARK + "\n")) {
      UserPassword credential = new UserPassword("ann", Secret.of(password));
      said.add(credential.toString());
      AuthenticationResult result = passwords.authenticate(credential, attempt()).orElseThrow();
      said.add(result.toString());
    }
    List<String> marks = new ArrayList<>(List.of(MARK, hash.text().substring(40, 60)));
    try (Provider provider = Provider.start();
        JwksSource keys =
            new JwksSource(
                new KeySetLocation.At("https://i.example", provider.at(Provider.KEYS)),
                clock.nanoClock(),
                clock,
                SettableClock.ENOUGH)) {
      JwtAuthenticator jwts =
          new JwtAuthenticator(
              new OidcRules("https://i.example", List.of("chat"), List.of(), "groups"),
              keys,
              clock);
      Map<String, String> claims =
          members(
              "iss", "\"https://i.example\"",
              "aud", "\"chat\"",
              "sub", "\"ann\"",
              "exp", "" + (clock.instant().getEpochSecond() + 60),
              "secret", "\"" + MARK + "\"");
      String header = "{\"alg\":\"RS256\",\"kid\":\"rsa\"}";
      String good = Issuer.signed(header, Issuer.json(claims), "RS256", Issuer.RSA.getPrivate());
      marks.add(good.substring(good.lastIndexOf('.') + 1).substring(0, 20));
      marks.add(good.substring(good.indexOf('.') + 1).substring(0, 20));
      for (String body : List.of("<html>" + MARK, Issuer.keySet(List.of(jwk("rsa", Issuer.RSA))))) {
        provider.answers(Provider.KEYS, body);
        for (String token :
            List.of(
                good,
                good.substring(0, good.length() - 8) + "AAAAAAAA",
                Issuer.signed(
                    header,
                    Issuer.json(with(claims, "exp", "1")),
                    "RS256",
                    Issuer.RSA.getPrivate()),
                Issuer.signed(
                    header.replace("rsa", MARK),
                    Issuer.json(claims),
                    "RS256",
                    Issuer.RSA.getPrivate()),
                good + "." + MARK)) {
          PresentedCredential credential = Issuer.bearer(token);
          said.add(credential.toString());
          said.add(jwts.authenticate(credential, attempt()).toString());
        }
        clock.advance(Duration.ofSeconds(30));
      }
    }
    assertThat(said).anyMatch(text -> text.startsWith("Optional[Authenticated"));
    for (ILoggingEvent event : events.list) {
      said.add(
          event.getFormattedMessage()
              + event.getKeyValuePairs()
              + event.getMDCPropertyMap()
              + (event.getThrowableProxy() == null
                  ? ""
                  : ThrowableProxyUtil.asString(event.getThrowableProxy())));
    }
    assertThat(events.list).isNotEmpty();
    for (String mark : marks) {
      assertThat(said).noneMatch(text -> text.contains(mark));
    }
  }

  private static Attempt attempt() {
    return new Attempt(
        "request", new ClientAddress(InetAddress.getLoopbackAddress()), Instant.EPOCH);
  }
}
