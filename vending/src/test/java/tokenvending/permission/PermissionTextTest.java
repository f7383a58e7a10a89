package tokenvending.permission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tokenvending.permission.CacheSelector.AllCaches;
import tokenvending.permission.CacheSelector.CacheName;
import tokenvending.permission.ResourceSelector.All;
import tokenvending.permission.ResourceSelector.Named;
import tokenvending.permission.ResourceSelector.Prefixed;

final class PermissionTextTest {
  private static final CacheName CHAT = new CacheName("chat");

  @Test
  void every_kind_is_written_and_read() {
    assertSame("ReadWrite cache=chat", new CachePermission(CacheRole.READ_WRITE, CHAT, new All()));
    assertSame(
        "ReadOnly cache=chat key=a",
        new CachePermission(CacheRole.READ_ONLY, CHAT, new Named("a")));
    assertSame(
        "WriteOnly cache=chat key-prefix=a",
        new CachePermission(CacheRole.WRITE_ONLY, CHAT, new Prefixed("a")));
    assertSame(
        "PublishSubscribe cache=all topic=all",
        new TopicPermission(TopicRole.PUBLISH_SUBSCRIBE, new AllCaches(), new All()));
    assertSame(
        "SubscribeOnly cache=chat topic=room-1",
        new TopicPermission(TopicRole.SUBSCRIBE_ONLY, CHAT, new Named("room-1")));
    assertSame(
        "PublishOnly cache=chat topic-prefix=room-",
        new TopicPermission(TopicRole.PUBLISH_ONLY, CHAT, new Prefixed("room-")));
    assertSame(
        "Invoke cache=chat function=all",
        new FunctionPermission(FunctionRole.INVOKE, CHAT, new All()));
    assertSame(
        "Invoke cache=chat function=f",
        new FunctionPermission(FunctionRole.INVOKE, CHAT, new Named("f")));
    assertSame(
        "Invoke cache=chat function-prefix=f",
        new FunctionPermission(FunctionRole.INVOKE, CHAT, new Prefixed("f")));
  }

  @Test
  void names_that_could_be_misread_stand_in_quotes() {
    assertTopic("\"all\"", "all");
    assertTopic("\"a b\"", "a b");
    assertTopic("\"a\u00A0b\"", "a\u00A0b");
    assertTopic("\"a\\\"b\"", "a\"b");
    assertTopic("\"a\\\\b\"", "a\\b");
    assertTopic("\"\\\\\\\"\"", "\\\"");
    assertTopic("a=b", "a=b");
    assertTopic("topic=all", "topic=all");
    assertTopic("*", "*");
    assertTopic("All", "All");
    assertTopic("é漢😀", "é漢😀");
    assertSame(
        "ReadOnly cache=\"all\" key=\"all\"",
        new CachePermission(CacheRole.READ_ONLY, new CacheName("all"), new Named("all")));
  }

  private static void assertTopic(String written, String name) {
    assertSame(
        "SubscribeOnly cache=chat topic=" + written,
        new TopicPermission(TopicRole.SUBSCRIBE_ONLY, CHAT, new Named(name)));
  }

  private static void assertSame(String text, Permission permission) {
    assertThat(permission.text()).isEqualTo(text);
    assertThat(PermissionText.parse(text)).contains(permission);
  }

  @Test
  void all_items_can_be_said_and_left_out() {
    Optional<Permission> everything =
        Optional.of(new CachePermission(CacheRole.READ_ONLY, CHAT, new All()));

    assertThat(PermissionText.parse("ReadOnly cache=chat")).isEqualTo(everything);
    assertThat(PermissionText.parse("ReadOnly cache=chat item=all")).isEqualTo(everything);
    assertThat(PermissionText.parse("ReadOnly item=all cache=chat")).isEqualTo(everything);
    assertThat(PermissionText.parse("ReadOnly cache=chat item=a")).isEmpty();
    assertThat(PermissionText.parse("ReadOnly cache=chat item=\"all\"")).isEmpty();
  }

  @Test
  void a_bare_all_is_never_a_name() {
    for (String target : List.of("topic-prefix", "topic")) {
      assertThat(PermissionText.parse("SubscribeOnly cache=chat " + target + "=\"all\""))
          .isPresent();
    }
    for (String bad :
        List.of(
            "SubscribeOnly cache=chat topic-prefix=all",
            "ReadOnly cache=chat key=all",
            "ReadOnly cache=chat key-prefix=all",
            "Invoke cache=chat function-prefix=all")) {
      assertThat(PermissionText.parse(bad)).as(bad).isEmpty();
      assertThat(PermissionText.parse(bad.replace("=all", "=\"all\""))).isPresent();
    }
  }

  @Test
  void what_is_no_permission_is_not_read() {
    assertThat(PermissionText.parse("SubscribeOnly cache=chat topic=a")).isPresent();
    for (String bad :
        List.of(
            "",
            " ",
            "SubscribeOnly",
            "SubscribeOnly ",
            "SubscribeOnly cache=chat",
            "SubscribeOnly topic=a",
            "subscribeonly cache=chat topic=a",
            "Superuser cache=chat topic=a",
            "SuperUser",
            "SubscribeOnly cache=chat topic=a ",
            " SubscribeOnly cache=chat topic=a",
            "SubscribeOnly  cache=chat topic=a",
            "SubscribeOnly cache=chat  topic=a",
            "SubscribeOnly\tcache=chat topic=a",
            "SubscribeOnly cache=chat topic=",
            "SubscribeOnly cache=chat topic=\"\"",
            "SubscribeOnly cache= topic=a",
            "SubscribeOnly cache=chat topic",
            "SubscribeOnly cache=chat =a",
            "SubscribeOnly cache=chat topic=a topic=b",
            "SubscribeOnly cache=chat cache=chat topic=a",
            "SubscribeOnly cache=chat topic=a topic-prefix=b",
            "SubscribeOnly cache=chat topic=a key=b",
            "SubscribeOnly cache=chat key=a",
            "SubscribeOnly cache=chat function=a",
            "SubscribeOnly cache=chat item=all",
            "SubscribeOnly cache-prefix=chat topic=a",
            "ReadOnly cache=chat topic=a",
            "ReadOnly cache=chat item=all key=a",
            "Invoke cache=chat",
            "Invoke cache=chat topic=a",
            "SubscribeOnly cache=chat topic=\"a",
            "SubscribeOnly cache=chat topic=a\"",
            "SubscribeOnly cache=chat topic=\"a\"b",
            "SubscribeOnly cache=chat topic=a\\b",
            "SubscribeOnly cache=chat topic=\"a\\n\"",
            "SubscribeOnly cache=chat topic=\"a\\",
            "SubscribeOnly cache=chat topic=a\nPublishOnly cache=chat topic=b",
            "SubscribeOnly cache=chat topic=a\u202Eb",
            "SubscribeOnly cache=chat topic=\"a\u0000\"",
            "SubscribeOnly cache=chat topic=\uD800")) {
      assertThat(PermissionText.parse(bad)).as(bad).isEmpty();
    }
  }

  @Test
  void whatever_is_written_is_read_back() {
    long seed = 20260103L;
    Random random = new Random(seed);
    for (int i = 0; i < 100_000; i++) {
      Permission permission = permission(random);
      String text = permission.text();

      if (!PermissionText.parse(text).equals(Optional.of(permission))) {
        throw new AssertionError("seed %d, case %d: %s".formatted(seed, i, text));
      }
    }
  }

  @Test
  void any_text_is_read_or_not_read_and_what_is_read_means_the_same_written_again() {
    long seed = 20260104L;
    Random random = new Random(seed);
    int read = 0;
    for (int i = 0; i < 200_000; i++) {
      String text = mutated(permission(random).text(), random);
      Optional<Permission> permission;
      try {
        permission = PermissionText.parse(text);
      } catch (RuntimeException e) {
        throw new AssertionError("seed %d, case %d: %s".formatted(seed, i, text), e);
      }
      if (permission.isPresent()) {
        read++;
        if (!PermissionText.parse(permission.get().text()).equals(permission)) {
          throw new AssertionError("seed %d, case %d: %s".formatted(seed, i, text));
        }
      }
    }
    assertThat(read).isBetween(20_000, 180_000);
  }

  @Test
  void random_characters_are_never_too_much() {
    Random random = new Random(20260105L);
    for (int i = 0; i < 50_000; i++) {
      StringBuilder text = new StringBuilder();
      int length = random.nextInt(40);
      for (int j = 0; j < length; j++) {
        text.append(character(random));
      }
      if (PermissionText.parse(text.toString()).isPresent()) {
        throw new AssertionError(text);
      }
    }
    assertThat(PermissionText.parse("SubscribeOnly cache=" + "a".repeat(1_000_000))).isEmpty();
    assertThat(PermissionText.parse("R" + " a=b".repeat(100_000))).isEmpty();
  }

  private static String mutated(String text, Random random) {
    StringBuilder out = new StringBuilder(text);
    int changes = 1 + random.nextInt(2);
    for (int i = 0; i < changes && !out.isEmpty(); i++) {
      int at = random.nextInt(out.length());
      switch (random.nextInt(4)) {
        case 0 -> out.deleteCharAt(at);
        case 1 -> out.insert(at, character(random));
        case 2 -> out.setCharAt(at, character(random));
        default -> out.insert(at, out.charAt(random.nextInt(out.length())));
      }
    }
    return out.toString();
  }

  private static char character(Random random) {
    String special = " \"\\=all\u00A0\u2003\u0000\n\u202E\uD83D\uDE00\uD800-";
    return random.nextInt(3) == 0
        ? (char) random.nextInt(0x10000)
        : special.charAt(random.nextInt(special.length()));
  }

  private static Permission permission(Random random) {
    CacheSelector cache = random.nextInt(4) == 0 ? new AllCaches() : new CacheName(name(random));
    int how = random.nextInt(3);
    return switch (random.nextInt(3)) {
      case 0 ->
          new CachePermission(
              List.of(CacheRole.values()).get(random.nextInt(3)),
              cache,
              switch (how) {
                case 0 -> new All();
                case 1 -> new Named(name(random));
                default -> new Prefixed(name(random));
              });
      case 1 ->
          new TopicPermission(
              List.of(TopicRole.values()).get(random.nextInt(3)),
              cache,
              switch (how) {
                case 0 -> new All();
                case 1 -> new Named(name(random));
                default -> new Prefixed(name(random));
              });
      default ->
          new FunctionPermission(
              FunctionRole.INVOKE,
              cache,
              switch (how) {
                case 0 -> new All();
                case 1 -> new Named(name(random));
                default -> new Prefixed(name(random));
              });
    };
  }

  private static String name(Random random) {
    List<String> pieces =
        List.of(
            "all",
            " ",
            "\"",
            "\\",
            "=",
            "a",
            "cache=",
            "topic=all",
            "é",
            "😀",
            "\u00A0",
            "\u2003",
            "'",
            ",",
            "${subject}",
            "*");
    StringBuilder name = new StringBuilder();
    int count = 1 + random.nextInt(5);
    for (int i = 0; i < count; i++) {
      name.append(pieces.get(random.nextInt(pieces.size())));
    }
    return name.toString();
  }
}
