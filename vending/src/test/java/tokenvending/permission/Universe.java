package tokenvending.permission;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import tokenvending.permission.CacheSelector.AllCaches;
import tokenvending.permission.CacheSelector.CacheName;
import tokenvending.permission.ResourceSelector.All;
import tokenvending.permission.ResourceSelector.Named;
import tokenvending.permission.ResourceSelector.Prefixed;

/**
 * A small world of caches, items, topics and functions, and every call that could be made in it.
 * Names are made of {@code a} and {@code b} in permissions and may hold {@code z} besides, which
 * stands for all that no permission names.
 */
final class Universe {
  private static final List<String> SELECTED = List.of("a", "b", "aa", "ab", "ba");
  private static final List<String> EXISTING =
      List.of("a", "b", "z", "aa", "ab", "az", "ba", "bb", "bz", "aaz", "abz", "baz", "aba", "zz");

  private Universe() {}

  /** A call: what it does, to what; all its rights must come from one statement. */
  record Call(String kind, Set<String> rights, String cache, String name) {}

  static List<Call> calls() {
    List<Call> calls = new ArrayList<>();
    for (String cache : List.of("a", "b", "z")) {
      for (String name : EXISTING) {
        calls.add(new Call("item", Set.of("read"), cache, name));
        calls.add(new Call("item", Set.of("write"), cache, name));
        calls.add(new Call("item", Set.of("read", "write"), cache, name));
        calls.add(new Call("topic", Set.of("publish"), cache, name));
        calls.add(new Call("topic", Set.of("subscribe"), cache, name));
        calls.add(new Call("topic", Set.of("publish", "subscribe"), cache, name));
        calls.add(new Call("function", Set.of("invoke"), cache, name));
      }
    }
    return calls;
  }

  /** Whether a token with these statements may make the call. */
  static boolean allows(PermissionSet token, Call call) {
    for (Permission permission : token.permissions()) {
      if (allows(permission, call)) {
        return true;
      }
    }
    return false;
  }

  private static boolean allows(Permission permission, Call call) {
    String kind;
    Set<String> rights;
    boolean named;
    switch (permission) {
      case CachePermission(CacheRole role, var cache, ResourceSelector item) -> {
        kind = "item";
        rights =
            switch (role) {
              case READ_WRITE -> Set.of("read", "write");
              case READ_ONLY -> Set.of("read");
              case WRITE_ONLY -> Set.of("write");
            };
        named =
            switch (item) {
              case All() -> true;
              case Named(String key) -> key.equals(call.name());
              case Prefixed(String prefix) -> begins(call.name(), prefix);
            };
      }
      case TopicPermission(TopicRole role, var cache, ResourceSelector topic) -> {
        kind = "topic";
        rights =
            switch (role) {
              case PUBLISH_SUBSCRIBE -> Set.of("publish", "subscribe");
              case SUBSCRIBE_ONLY -> Set.of("subscribe");
              case PUBLISH_ONLY -> Set.of("publish");
            };
        named =
            switch (topic) {
              case All() -> true;
              case Named(String name) -> name.equals(call.name());
              case Prefixed(String prefix) -> begins(call.name(), prefix);
            };
      }
      case FunctionPermission(var role, var cache, ResourceSelector function) -> {
        kind = "function";
        rights = Set.of("invoke");
        named =
            switch (function) {
              case All() -> true;
              case Named(String name) -> name.equals(call.name());
              case Prefixed(String prefix) -> begins(call.name(), prefix);
            };
      }
    }
    boolean inCache =
        switch (permission.cache()) {
          case AllCaches() -> true;
          case CacheName(String name) -> name.equals(call.cache());
        };
    return kind.equals(call.kind()) && rights.containsAll(call.rights()) && inCache && named;
  }

  private static boolean begins(String name, String prefix) {
    return name.length() >= prefix.length() && name.substring(0, prefix.length()).equals(prefix);
  }

  static PermissionSet permissionSet(Random random) {
    List<Permission> permissions = new ArrayList<>();
    int wanted = 1 + random.nextInt(4);
    for (int i = 0; i < wanted; i++) {
      Permission permission = permission(random);
      if (permissions.stream().noneMatch(permission::sameResources)) {
        permissions.add(permission);
      }
    }
    return new PermissionSet(permissions);
  }

  private static Permission permission(Random random) {
    CacheSelector cache =
        random.nextInt(3) == 0 ? new AllCaches() : new CacheName(random.nextBoolean() ? "a" : "b");
    String name = SELECTED.get(random.nextInt(SELECTED.size()));
    int how = random.nextInt(3);
    return switch (random.nextInt(5)) {
      case 0, 1 ->
          new CachePermission(
              List.of(CacheRole.values()).get(random.nextInt(3)),
              cache,
              switch (how) {
                case 0 -> new All();
                case 1 -> new Named(name);
                default -> new Prefixed(name);
              });
      case 2, 3 ->
          new TopicPermission(
              List.of(TopicRole.values()).get(random.nextInt(3)),
              cache,
              switch (how) {
                case 0 -> new All();
                case 1 -> new Named(name);
                default -> new Prefixed(name);
              });
      default ->
          new FunctionPermission(
              FunctionRole.INVOKE,
              cache,
              switch (how) {
                case 0 -> new All();
                case 1 -> new Named(name);
                default -> new Prefixed(name);
              });
    };
  }
}
