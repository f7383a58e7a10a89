package tokenvending.momentolocal.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static tokenvending.momentolocal.TokenPermission.Access.READ_ONLY;
import static tokenvending.momentolocal.TokenPermission.Access.READ_WRITE;
import static tokenvending.momentolocal.TokenPermission.Access.WRITE_ONLY;

import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tokenvending.momentolocal.TokenPermission;
import tokenvending.momentolocal.TokenPermission.Access;

/** momento-local as other people's tests have it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@MomentoLocalTest(caches = {"chat", "other"})
final class MomentoLocalTestTest {

  private static final String READ_ITEM = "GET /cache/chat?key=pet-cat";
  private static final String WRITE_ITEM = "PUT /cache/chat?key=pet-cat&ttl_seconds=60";
  // A discontinuity, because there is no such message: it needs no waiting.
  private static final String SUBSCRIBE = "GET /topics/chat/pet-cat?sequence_number=99";
  private static final String PUBLISH = "POST /topics/chat/pet-cat";

  private final TestMomento momento;

  MomentoLocalTestTest(TestMomento momento) {
    this.momento = momento;
  }

  @BeforeEach
  void empty() {
    momento.reset();
    momento.seed("{\"caches\": {\"chat\": [{\"key\": \"pet-cat\", \"value\": \"text\"}]}}");
  }

  private static TokenPermission permission(String kind, Access access) {
    return switch (kind) {
      case "items" -> TokenPermission.items(access, "chat");
      case "item" -> TokenPermission.item(access, "chat", "pet-cat");
      case "items-with-prefix" -> TokenPermission.itemsWithPrefix(access, "chat", "pet-");
      case "another-item" -> TokenPermission.item(access, "chat", "pet");
      case "another-prefix" -> TokenPermission.itemsWithPrefix(access, "chat", "cat");
      case "another-cache" -> TokenPermission.items(access, "other");
      case "topics" -> TokenPermission.topics(access, "chat");
      case "topic" -> TokenPermission.topic(access, "chat", "pet-cat");
      case "topics-with-prefix" -> TokenPermission.topicsWithPrefix(access, "chat", "pet-");
      case "another-topic" -> TokenPermission.topic(access, "chat", "pet");
      default -> throw new AssertionError(kind);
    };
  }

  @ParameterizedTest
  @CsvSource({
    "items, true, false",
    "item, true, false",
    "items-with-prefix, true, false",
    "another-item, false, false",
    "another-prefix, false, false",
    "another-cache, false, false",
    "topics, false, true",
    "topic, false, true",
    "topics-with-prefix, false, true",
    "another-topic, false, false"
  })
  void a_token_does_what_it_permits_and_nothing_else(String kind, boolean items, boolean topics)
      throws Exception {
    for (Access access : Access.values()) {
      String token = momento.vend(permission(kind, access));
      boolean reads = access != WRITE_ONLY;
      boolean writes = access != READ_ONLY;
      assertThat(status(READ_ITEM, token)).isEqualTo(items && reads ? 200 : 403);
      assertThat(status(WRITE_ITEM, token)).isEqualTo(items && writes ? 204 : 403);
      assertThat(status(SUBSCRIBE, token)).isEqualTo(topics && reads ? 200 : 403);
      assertThat(status(PUBLISH, token)).isEqualTo(topics && writes ? 204 : 403);
    }
  }

  @Test
  void its_own_keys_are_accepted_and_no_key_is_not() throws Exception {
    assertThat(status(READ_ITEM, momento.credentials().apiKey())).isEqualTo(200);
    assertThat(status(READ_ITEM, "")).isEqualTo(401);
  }

  @Test
  void tokens_and_items_expire_when_the_clock_is_set_forward() throws Exception {
    String token =
        momento.vend(Duration.ofHours(25), "ann", TokenPermission.items(READ_WRITE, "chat"));
    momento.advance(Duration.ofHours(24));
    assertThat(status(READ_ITEM, token)).isEqualTo(404);
    momento.advance(Duration.ofHours(1));
    assertThat(status(READ_ITEM, token)).isEqualTo(401);
  }

  @Test
  void what_momento_would_not_grant_is_an_error() {
    TokenPermission all = TokenPermission.items(READ_ONLY, "chat");
    assertThatThrownBy(momento::vend).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> momento.vend(all, all)).hasMessageContaining("same resource");
    assertThatThrownBy(() -> momento.vend(Duration.ZERO, "", all)).hasMessageContaining("positive");
    assertThatThrownBy(() -> momento.vend(Duration.ofHours(26), "", all))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> momento.seed("{")).hasMessageContaining("line 1");
  }

  private int status(String methodAndPath, String token) throws Exception {
    String[] parts = methodAndPath.split(" ", 2);
    return Http.status(momento, parts[0], parts[1], token);
  }
}
