package tokenvending.permission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tokenvending.permission.CacheSelector.AllCaches;
import tokenvending.permission.CacheSelector.CacheName;
import tokenvending.permission.ResourceSelector.All;
import tokenvending.permission.ResourceSelector.Named;
import tokenvending.permission.ResourceSelector.Prefixed;

final class PermissionSetTest {
  private static final CacheName CHAT = new CacheName("chat");

  @Test
  void a_set_holds_one_to_twenty_permissions() {
    assertThat(new PermissionSet(topics(1)).permissions()).hasSize(1);
    assertThat(new PermissionSet(topics(20)).permissions()).hasSize(20);
    assertThatThrownBy(() -> new PermissionSet(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new PermissionSet(topics(21)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void a_set_does_not_select_the_same_resources_twice() {
    Permission read = new CachePermission(CacheRole.READ_ONLY, CHAT, new Named("a"));
    Permission write = new CachePermission(CacheRole.WRITE_ONLY, CHAT, new Named("a"));
    Permission prefix = new CachePermission(CacheRole.READ_ONLY, CHAT, new Prefixed("a"));
    Permission everywhere =
        new CachePermission(CacheRole.READ_ONLY, new AllCaches(), new Named("a"));
    Permission topic = new TopicPermission(TopicRole.SUBSCRIBE_ONLY, CHAT, new Named("a"));

    assertThat(PermissionSet.of(read, prefix, everywhere, topic).permissions()).hasSize(4);
    assertThatThrownBy(() -> PermissionSet.of(read, write))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PermissionSet.of(read, topic, read))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void a_selector_needs_a_printable_name() {
    assertThat(new Named("a b").name()).isEqualTo("a b");
    for (String bad : List.of("", "\n", "a\u0000", "a\u202E", "\uD800", "\u2028")) {
      assertThatThrownBy(() -> new CacheName(bad)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> new Named(bad)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> new Prefixed(bad)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void the_list_that_it_was_made_from_does_not_change_it() {
    List<Permission> list = new ArrayList<>(topics(2));
    PermissionSet set = new PermissionSet(list);

    list.clear();

    assertThat(set.permissions()).hasSize(2);
    assertThatThrownBy(() -> set.permissions().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void case_and_unicode_form_count() {
    PermissionSet set = PermissionSet.of(topic("caf\u00E9"));

    assertThat(set.covers(PermissionSet.of(topic("caf\u00E9")))).isTrue();
    assertThat(set.covers(PermissionSet.of(topic("cafe\u0301")))).isFalse();
    assertThat(set.covers(PermissionSet.of(topic("Caf\u00E9")))).isFalse();
  }

  @Test
  void one_statement_must_supply_all_the_rights() {
    PermissionSet apart =
        PermissionSet.of(
            new CachePermission(CacheRole.READ_ONLY, CHAT, new All()),
            new CachePermission(CacheRole.WRITE_ONLY, CHAT, new Named("a")));

    assertThat(
            apart.covers(
                PermissionSet.of(new CachePermission(CacheRole.READ_WRITE, CHAT, new Named("a")))))
        .isFalse();
  }

  @Test
  @Tag("T1")
  void covering_is_what_trying_every_call_says() {
    long seed = 20260102L;
    Random random = new Random(seed);
    List<Universe.Call> calls = Universe.calls();
    int covered = 0;
    int pairs = 100_000;
    for (int i = 0; i < pairs; i++) {
      PermissionSet granted = Universe.permissionSet(random);
      PermissionSet asked = Universe.permissionSet(random);
      boolean everyCall = true;
      for (Universe.Call call : calls) {
        if (Universe.allows(asked, call) && !Universe.allows(granted, call)) {
          everyCall = false;
          break;
        }
      }

      if (granted.covers(asked) != everyCall) {
        throw new AssertionError(
            "seed %d, pair %d: %s over %s".formatted(seed, i, granted.texts(), asked.texts()));
      }
      covered += everyCall ? 1 : 0;
    }

    assertThat(covered).isBetween(pairs / 50, pairs / 2);
  }

  @Test
  void texts_are_the_compact_forms_in_order() {
    assertThat(
            PermissionSet.of(
                    topic("b"),
                    new TopicPermission(TopicRole.PUBLISH_SUBSCRIBE, new AllCaches(), new All()))
                .texts())
        .containsExactly(
            "SubscribeOnly cache=chat topic=b", "PublishSubscribe cache=all topic=all");
  }

  private static List<Permission> topics(int count) {
    List<Permission> topics = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      topics.add(topic("t" + i));
    }
    return topics;
  }

  private static Permission topic(String name) {
    return new TopicPermission(TopicRole.SUBSCRIBE_ONLY, CHAT, new Named(name));
  }
}
