package tokenvending.momentolocal.permission;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import tokenvending.momentolocal.Grants;
import tokenvending.momentolocal.wire.CacheRole;
import tokenvending.momentolocal.wire.PermissionsType;
import tokenvending.momentolocal.wire.TopicRole;

class StatementTest {

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private static Statement statement(PermissionsType wire) {
    return ((RequestedPermissions.Explicit) RequestedPermissions.parse(Grants.of(wire)))
        .statements()
        .getFirst();
  }

  private static boolean allows(PermissionsType wire, Right right, String cache, String name) {
    return statement(wire).allows(Family.CACHE, right, bytes(cache), bytes(name));
  }

  @Test
  void each_role_covers_its_rights_and_no_more() {
    assertThat(rights(StatementRole.READ_WRITE))
        .containsExactly(Right.READ, Right.WRITE, Right.READ_AND_WRITE);
    assertThat(rights(StatementRole.READ_ONLY)).containsExactly(Right.READ);
    assertThat(rights(StatementRole.WRITE_ONLY)).containsExactly(Right.WRITE);
    assertThat(rights(StatementRole.NONE)).isEmpty();
    assertThat(rights(StatementRole.INVOKE)).isEmpty();
  }

  private static List<Right> rights(StatementRole role) {
    return List.of(Right.values()).stream().filter(role::covers).toList();
  }

  @Test
  void names_are_matched_exactly() {
    PermissionsType key = Grants.key(CacheRole.CacheReadOnly, "cache", "key");
    assertThat(allows(key, Right.READ, "cache", "key")).isTrue();
    assertThat(allows(key, Right.READ, "cache", "Key")).isFalse();
    assertThat(allows(key, Right.READ, "cache", "key2")).isFalse();
    assertThat(allows(key, Right.READ, "cache", "ke")).isFalse();
    assertThat(allows(key, Right.READ, "Cache", "key")).isFalse();
    assertThat(allows(key, Right.READ, "cache2", "key")).isFalse();
    assertThat(allows(key, Right.READ, "", "key")).isFalse();
    // The same letter in another composition is another name.
    PermissionsType composed = Grants.key(CacheRole.CacheReadOnly, "cache", "\u00e9");
    assertThat(allows(composed, Right.READ, "cache", "e\u0301")).isFalse();
  }

  @Test
  void a_prefix_covers_itself_and_what_begins_with_it() {
    PermissionsType prefix = Grants.prefix(CacheRole.CacheReadOnly, "cache", "pet");
    assertThat(allows(prefix, Right.READ, "cache", "pet")).isTrue();
    assertThat(allows(prefix, Right.READ, "cache", "pet-fish")).isTrue();
    assertThat(allows(prefix, Right.READ, "cache", "pe")).isFalse();
    assertThat(allows(prefix, Right.READ, "cache", "a-pet")).isFalse();
  }

  @Test
  void a_family_grants_nothing_in_another() {
    Statement topics = statement(Grants.topics(TopicRole.TopicReadWrite, "cache"));
    assertThat(topics.allows(Family.TOPIC, Right.WRITE, bytes("cache"), bytes("t"))).isTrue();
    assertThat(topics.allows(Family.CACHE, Right.WRITE, bytes("cache"), bytes("t"))).isFalse();
    assertThat(topics.allows(Family.FUNCTION, Right.WRITE, bytes("cache"), bytes("t"))).isFalse();
  }

  @Test
  void a_role_of_none_is_accepted_and_grants_nothing() {
    PermissionsType none = Grants.cache(CacheRole.CachePermitNone, "cache");
    assertThat(allows(none, Right.READ, "cache", "key")).isFalse();
  }

  @Test
  void a_statement_of_a_kind_from_the_future_is_accepted_and_grants_nothing() {
    PermissionsType future =
        PermissionsType.newBuilder()
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(
                        9,
                        UnknownFieldSet.Field.newBuilder()
                            .addLengthDelimited(ByteString.EMPTY)
                            .build())
                    .build())
            .build();
    assertThat(RequestedPermissions.parse(Grants.of(future)))
        .isEqualTo(new RequestedPermissions.Explicit(List.of()));
    assertThat(RequestedPermissions.parse(Grants.of(PermissionsType.getDefaultInstance())))
        .isInstanceOf(RequestedPermissions.Malformed.class);
  }

  @Test
  void an_unknown_role_and_a_missing_selector_are_refused() {
    PermissionsType.Builder unknown = Grants.cache(CacheRole.CacheReadOnly, "cache").toBuilder();
    unknown.getCachePermissionsBuilder().setRoleValue(99);
    PermissionsType.Builder noCache = Grants.cache(CacheRole.CacheReadOnly, "cache").toBuilder();
    noCache.getCachePermissionsBuilder().clearCacheSelector();
    PermissionsType.Builder noTopic = Grants.topics(TopicRole.TopicReadOnly, "cache").toBuilder();
    noTopic.getTopicPermissionsBuilder().clearAllTopics();
    for (PermissionsType.Builder bad : List.of(unknown, noCache, noTopic)) {
      assertThat(RequestedPermissions.parse(Grants.of(bad.build())))
          .isInstanceOf(RequestedPermissions.Malformed.class);
    }
  }
}
