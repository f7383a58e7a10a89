package tokenvending.momento;

import com.google.protobuf.ByteString;
import tokenvending.momento.wire.CacheItemSelector;
import tokenvending.momento.wire.CachePermissions;
import tokenvending.momento.wire.ExplicitPermissions;
import tokenvending.momento.wire.FunctionPermissions;
import tokenvending.momento.wire.Permissions;
import tokenvending.momento.wire.PermissionsType;
import tokenvending.momento.wire.TopicPermissions;
import tokenvending.permission.CachePermission;
import tokenvending.permission.CacheRole;
import tokenvending.permission.CacheSelector.AllCaches;
import tokenvending.permission.CacheSelector.CacheName;
import tokenvending.permission.FunctionPermission;
import tokenvending.permission.FunctionRole;
import tokenvending.permission.Permission;
import tokenvending.permission.PermissionSet;
import tokenvending.permission.ResourceSelector.All;
import tokenvending.permission.ResourceSelector.Named;
import tokenvending.permission.ResourceSelector.Prefixed;
import tokenvending.permission.TopicPermission;
import tokenvending.permission.TopicRole;

/**
 * Encodes permissions in Momento's wire format. Every selector and role is explicit, because an
 * unset one means "all".
 */
final class WirePermissions {
  private static final tokenvending.momento.wire.All ALL =
      tokenvending.momento.wire.All.getDefaultInstance();

  private WirePermissions() {}

  static Permissions of(PermissionSet permissions) {
    ExplicitPermissions.Builder explicit = ExplicitPermissions.newBuilder();
    for (Permission permission : permissions.permissions()) {
      explicit.addPermissions(statement(permission));
    }
    return Permissions.newBuilder().setExplicit(explicit).build();
  }

  private static PermissionsType statement(Permission permission) {
    PermissionsType.Builder statement = PermissionsType.newBuilder();
    switch (permission) {
      case CachePermission cache -> statement.setCachePermissions(cache(cache));
      case TopicPermission topic -> statement.setTopicPermissions(topic(topic));
      case FunctionPermission function -> statement.setFunctionPermissions(function(function));
    }
    return statement.build();
  }

  private static CachePermissions cache(CachePermission permission) {
    CachePermissions.Builder wire = CachePermissions.newBuilder().setRole(role(permission.role()));
    switch (permission.cache()) {
      case AllCaches() -> wire.setAllCaches(ALL);
      case CacheName(String name) -> wire.setCacheSelector(named(name));
    }
    switch (permission.item()) {
      case All() -> wire.setAllItems(ALL);
      case Named(String key) ->
          wire.setItemSelector(CacheItemSelector.newBuilder().setKey(ByteString.copyFromUtf8(key)));
      case Prefixed(String prefix) ->
          wire.setItemSelector(
              CacheItemSelector.newBuilder().setKeyPrefix(ByteString.copyFromUtf8(prefix)));
    }
    return wire.build();
  }

  private static TopicPermissions topic(TopicPermission permission) {
    TopicPermissions.Builder wire = TopicPermissions.newBuilder().setRole(role(permission.role()));
    switch (permission.cache()) {
      case AllCaches() -> wire.setAllCaches(ALL);
      case CacheName(String name) -> wire.setCacheSelector(named(name));
    }
    switch (permission.topic()) {
      case All() -> wire.setAllTopics(ALL);
      case Named(String name) ->
          wire.setTopicSelector(
              tokenvending.momento.wire.TopicSelector.newBuilder().setTopicName(name));
      case Prefixed(String prefix) ->
          wire.setTopicSelector(
              tokenvending.momento.wire.TopicSelector.newBuilder().setTopicNamePrefix(prefix));
    }
    return wire.build();
  }

  private static FunctionPermissions function(FunctionPermission permission) {
    FunctionPermissions.Builder wire =
        FunctionPermissions.newBuilder().setRole(role(permission.role()));
    switch (permission.cache()) {
      case AllCaches() -> wire.setAllCaches(ALL);
      case CacheName(String name) -> wire.setCacheSelector(named(name));
    }
    switch (permission.function()) {
      case All() -> wire.setAllFunctions(ALL);
      case Named(String name) ->
          wire.setFunctionSelector(
              tokenvending.momento.wire.FunctionSelector.newBuilder().setFunctionName(name));
      case Prefixed(String prefix) ->
          wire.setFunctionSelector(
              tokenvending.momento.wire.FunctionSelector.newBuilder()
                  .setFunctionNamePrefix(prefix));
    }
    return wire.build();
  }

  private static tokenvending.momento.wire.CacheSelector named(String name) {
    return tokenvending.momento.wire.CacheSelector.newBuilder().setCacheName(name).build();
  }

  private static tokenvending.momento.wire.CacheRole role(CacheRole role) {
    return switch (role) {
      case READ_WRITE -> tokenvending.momento.wire.CacheRole.CacheReadWrite;
      case READ_ONLY -> tokenvending.momento.wire.CacheRole.CacheReadOnly;
      case WRITE_ONLY -> tokenvending.momento.wire.CacheRole.CacheWriteOnly;
    };
  }

  private static tokenvending.momento.wire.TopicRole role(TopicRole role) {
    return switch (role) {
      case PUBLISH_SUBSCRIBE -> tokenvending.momento.wire.TopicRole.TopicReadWrite;
      case SUBSCRIBE_ONLY -> tokenvending.momento.wire.TopicRole.TopicReadOnly;
      case PUBLISH_ONLY -> tokenvending.momento.wire.TopicRole.TopicWriteOnly;
    };
  }

  private static tokenvending.momento.wire.FunctionRole role(FunctionRole role) {
    return switch (role) {
      case INVOKE -> tokenvending.momento.wire.FunctionRole.FunctionInvoke;
    };
  }
}
