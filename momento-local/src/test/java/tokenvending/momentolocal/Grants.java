package tokenvending.momentolocal;

import com.google.protobuf.ByteString;
import java.util.List;
import tokenvending.momentolocal.wire.CacheRole;
import tokenvending.momentolocal.wire.ExplicitPermissions;
import tokenvending.momentolocal.wire.FunctionRole;
import tokenvending.momentolocal.wire.Permissions;
import tokenvending.momentolocal.wire.PermissionsType;
import tokenvending.momentolocal.wire.PermissionsType.All;
import tokenvending.momentolocal.wire.PermissionsType.CacheItemSelector;
import tokenvending.momentolocal.wire.PermissionsType.CacheSelector;
import tokenvending.momentolocal.wire.PermissionsType.TopicSelector;
import tokenvending.momentolocal.wire.SuperUserPermissions;
import tokenvending.momentolocal.wire.TopicRole;

/** Permissions in wire form, in few words. */
public final class Grants {

  private Grants() {}

  public static Permissions of(PermissionsType... statements) {
    return of(List.of(statements));
  }

  public static Permissions of(List<PermissionsType> statements) {
    return Permissions.newBuilder()
        .setExplicit(ExplicitPermissions.newBuilder().addAllPermissions(statements))
        .build();
  }

  public static Permissions superUser() {
    return Permissions.newBuilder().setSuperUser(SuperUserPermissions.SuperUser).build();
  }

  /** As AllDataReadWrite of the JavaScript SDK: caches, topics and functions, all of each. */
  public static Permissions allDataReadWrite() {
    All all = All.getDefaultInstance();
    return of(
        PermissionsType.newBuilder()
            .setCachePermissions(
                PermissionsType.CachePermissions.newBuilder()
                    .setRole(CacheRole.CacheReadWrite)
                    .setAllCaches(all))
            .build(),
        PermissionsType.newBuilder()
            .setTopicPermissions(
                PermissionsType.TopicPermissions.newBuilder()
                    .setRole(TopicRole.TopicReadWrite)
                    .setAllCaches(all)
                    .setAllTopics(all))
            .build(),
        functions());
  }

  public static PermissionsType functions() {
    All all = All.getDefaultInstance();
    return PermissionsType.newBuilder()
        .setFunctionPermissions(
            PermissionsType.FunctionPermissions.newBuilder()
                .setRole(FunctionRole.FunctionInvoke)
                .setAllCaches(all)
                .setAllFunctions(all))
        .build();
  }

  /** All items of one cache, in the way of Node: the item selector is left out. */
  public static PermissionsType cache(CacheRole role, String cache) {
    return PermissionsType.newBuilder()
        .setCachePermissions(
            PermissionsType.CachePermissions.newBuilder()
                .setRole(role)
                .setCacheSelector(CacheSelector.newBuilder().setCacheName(cache)))
        .build();
  }

  /** All items of one cache, in the way of Java: the item selector is written out. */
  public static PermissionsType allItems(CacheRole role, String cache) {
    PermissionsType.Builder statement = cache(role, cache).toBuilder();
    statement.getCachePermissionsBuilder().setAllItems(All.getDefaultInstance());
    return statement.build();
  }

  public static PermissionsType key(CacheRole role, String cache, String key) {
    PermissionsType.Builder statement = cache(role, cache).toBuilder();
    statement
        .getCachePermissionsBuilder()
        .setItemSelector(CacheItemSelector.newBuilder().setKey(ByteString.copyFromUtf8(key)));
    return statement.build();
  }

  public static PermissionsType prefix(CacheRole role, String cache, ByteString prefix) {
    PermissionsType.Builder statement = cache(role, cache).toBuilder();
    statement
        .getCachePermissionsBuilder()
        .setItemSelector(CacheItemSelector.newBuilder().setKeyPrefix(prefix));
    return statement.build();
  }

  public static PermissionsType prefix(CacheRole role, String cache, String prefix) {
    return prefix(role, cache, ByteString.copyFromUtf8(prefix));
  }

  public static PermissionsType topics(TopicRole role, String cache) {
    return PermissionsType.newBuilder()
        .setTopicPermissions(
            PermissionsType.TopicPermissions.newBuilder()
                .setRole(role)
                .setCacheSelector(CacheSelector.newBuilder().setCacheName(cache))
                .setAllTopics(All.getDefaultInstance()))
        .build();
  }

  public static PermissionsType topic(TopicRole role, String cache, String topic) {
    PermissionsType.Builder statement = topics(role, cache).toBuilder();
    statement
        .getTopicPermissionsBuilder()
        .setTopicSelector(TopicSelector.newBuilder().setTopicName(topic));
    return statement.build();
  }

  public static PermissionsType topicPrefix(TopicRole role, String cache, String prefix) {
    PermissionsType.Builder statement = topics(role, cache).toBuilder();
    statement
        .getTopicPermissionsBuilder()
        .setTopicSelector(TopicSelector.newBuilder().setTopicNamePrefix(prefix));
    return statement.build();
  }
}
