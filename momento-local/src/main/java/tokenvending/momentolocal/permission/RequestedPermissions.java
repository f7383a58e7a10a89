package tokenvending.momentolocal.permission;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import tokenvending.momentolocal.wire.ExplicitPermissions;
import tokenvending.momentolocal.wire.Permissions;
import tokenvending.momentolocal.wire.PermissionsType;

/** The permissions in a request to mint, checked against Momento's rules. */
public sealed interface RequestedPermissions {

  /** Momento's limit of statements in one token. */
  int MAX_STATEMENTS = 20;

  /** Every permission. */
  record SuperUser() implements RequestedPermissions {}

  /** One to twenty statements, no two with the same selectors. */
  record Explicit(List<Statement> statements) implements RequestedPermissions {
    public Explicit {
      statements = List.copyOf(statements);
    }
  }

  /** A list that Momento would reject; the reason is for the caller. */
  record Malformed(String reason) implements RequestedPermissions {}

  /** Parses the wire format. */
  static RequestedPermissions parse(Permissions permissions) {
    return switch (permissions.getKindCase()) {
      case SUPER_USER -> new SuperUser();
      case EXPLICIT -> parseExplicit(permissions.getExplicit());
      case KIND_NOT_SET -> new Malformed("permissions are missing");
    };
  }

  private static RequestedPermissions parseExplicit(ExplicitPermissions explicit) {
    int count = explicit.getPermissionsCount();
    if (count == 0) {
      return new Malformed("permissions are empty");
    }
    if (count > MAX_STATEMENTS) {
      return new Malformed("more than " + MAX_STATEMENTS + " permissions: " + count);
    }
    List<Statement> statements = new ArrayList<>(count);
    for (PermissionsType type : explicit.getPermissionsList()) {
      switch (parseStatement(type)) {
        case StatementReading.Read(Statement statement) -> {
          if (statements.stream().anyMatch(statement::selectsTheSameAs)) {
            return new Malformed("two permissions select the same resource");
          }
          statements.add(statement);
        }
        case StatementReading.OfAnUnknownKind() -> {
          // A type of permission from a newer client: it counts, and grants nothing.
        }
        case StatementReading.NotRead(String reason) -> {
          return new Malformed(reason);
        }
      }
    }
    return new Explicit(statements);
  }

  private static StatementReading parseStatement(PermissionsType type) {
    return switch (type.getKindCase()) {
      case CACHE_PERMISSIONS -> cache(type.getCachePermissions());
      case TOPIC_PERMISSIONS -> topic(type.getTopicPermissions());
      case FUNCTION_PERMISSIONS -> function(type.getFunctionPermissions());
      case KIND_NOT_SET ->
          type.getUnknownFields().asMap().isEmpty()
              ? new StatementReading.NotRead("a permission is empty")
              : new StatementReading.OfAnUnknownKind();
    };
  }

  private static StatementReading cache(PermissionsType.CachePermissions permissions) {
    SelectorReading cache =
        switch (permissions.getCacheCase()) {
          case ALL_CACHES -> new SelectorReading.Selected(new Selector.Every());
          case CACHE_SELECTOR ->
              exactly(permissions.getCacheSelector().getCacheNameBytes(), "cache name");
          case CACHE_NOT_SET ->
              new SelectorReading.NotSelected("a cache permission names no cache");
        };
    SelectorReading item =
        switch (permissions.getCacheItemCase()) {
          case ALL_ITEMS -> new SelectorReading.Selected(new Selector.Every());
          case ITEM_SELECTOR -> {
            PermissionsType.CacheItemSelector selector = permissions.getItemSelector();
            yield switch (selector.getKindCase()) {
              case KEY -> exactly(selector.getKey(), "item key");
              case KEY_PREFIX -> startingWith(selector.getKeyPrefix(), "item key prefix");
              case KIND_NOT_SET -> new SelectorReading.NotSelected("an item selector is empty");
            };
          }
          // The SDKs for Node and Web omit it for the whole cache.
          case CACHEITEM_NOT_SET -> new SelectorReading.Selected(new Selector.Every());
        };
    return switch (permissions.getRole()) {
      case CachePermitNone -> statement(Family.CACHE, StatementRole.NONE, cache, item);
      case CacheReadWrite -> statement(Family.CACHE, StatementRole.READ_WRITE, cache, item);
      case CacheReadOnly -> statement(Family.CACHE, StatementRole.READ_ONLY, cache, item);
      case CacheWriteOnly -> statement(Family.CACHE, StatementRole.WRITE_ONLY, cache, item);
      case UNRECOGNIZED -> new StatementReading.NotRead("a cache role is unknown");
    };
  }

  private static StatementReading topic(PermissionsType.TopicPermissions permissions) {
    SelectorReading cache =
        switch (permissions.getCacheCase()) {
          case ALL_CACHES -> new SelectorReading.Selected(new Selector.Every());
          case CACHE_SELECTOR ->
              exactly(permissions.getCacheSelector().getCacheNameBytes(), "cache name");
          case CACHE_NOT_SET ->
              new SelectorReading.NotSelected("a topic permission names no cache");
        };
    SelectorReading topic =
        switch (permissions.getTopicCase()) {
          case ALL_TOPICS -> new SelectorReading.Selected(new Selector.Every());
          case TOPIC_SELECTOR -> {
            PermissionsType.TopicSelector selector = permissions.getTopicSelector();
            yield switch (selector.getKindCase()) {
              case TOPIC_NAME -> exactly(selector.getTopicNameBytes(), "topic name");
              case TOPIC_NAME_PREFIX ->
                  startingWith(selector.getTopicNamePrefixBytes(), "topic name prefix");
              case KIND_NOT_SET -> new SelectorReading.NotSelected("a topic selector is empty");
            };
          }
          case TOPIC_NOT_SET ->
              new SelectorReading.NotSelected("a topic permission names no topic");
        };
    return switch (permissions.getRole()) {
      case TopicPermitNone -> statement(Family.TOPIC, StatementRole.NONE, cache, topic);
      case TopicReadWrite -> statement(Family.TOPIC, StatementRole.READ_WRITE, cache, topic);
      case TopicReadOnly -> statement(Family.TOPIC, StatementRole.READ_ONLY, cache, topic);
      case TopicWriteOnly -> statement(Family.TOPIC, StatementRole.WRITE_ONLY, cache, topic);
      case UNRECOGNIZED -> new StatementReading.NotRead("a topic role is unknown");
    };
  }

  private static StatementReading function(PermissionsType.FunctionPermissions permissions) {
    SelectorReading cache =
        switch (permissions.getCacheCase()) {
          case ALL_CACHES -> new SelectorReading.Selected(new Selector.Every());
          case CACHE_SELECTOR ->
              exactly(permissions.getCacheSelector().getCacheNameBytes(), "cache name");
          case CACHE_NOT_SET ->
              new SelectorReading.NotSelected("a function permission names no cache");
        };
    SelectorReading function =
        switch (permissions.getFunctionCase()) {
          case ALL_FUNCTIONS -> new SelectorReading.Selected(new Selector.Every());
          case FUNCTION_SELECTOR -> {
            PermissionsType.FunctionSelector selector = permissions.getFunctionSelector();
            yield switch (selector.getKindCase()) {
              case FUNCTION_NAME -> exactly(selector.getFunctionNameBytes(), "function name");
              case FUNCTION_NAME_PREFIX ->
                  startingWith(selector.getFunctionNamePrefixBytes(), "function name prefix");
              case KIND_NOT_SET -> new SelectorReading.NotSelected("a function selector is empty");
            };
          }
          case FUNCTION_NOT_SET ->
              new SelectorReading.NotSelected("a function permission names no function");
        };
    return switch (permissions.getRole()) {
      case FunctionPermitNone -> statement(Family.FUNCTION, StatementRole.NONE, cache, function);
      case FunctionInvoke -> statement(Family.FUNCTION, StatementRole.INVOKE, cache, function);
      case UNRECOGNIZED -> new StatementReading.NotRead("a function role is unknown");
    };
  }

  private static StatementReading statement(
      Family family, StatementRole role, SelectorReading cache, SelectorReading resource) {
    return switch (cache) {
      case SelectorReading.NotSelected(String reason) -> new StatementReading.NotRead(reason);
      case SelectorReading.Selected(Selector cacheSelector) ->
          switch (resource) {
            case SelectorReading.NotSelected(String reason) -> new StatementReading.NotRead(reason);
            case SelectorReading.Selected(Selector resourceSelector) ->
                new StatementReading.Read(
                    new Statement(family, role, cacheSelector, resourceSelector));
          };
    };
  }

  private static SelectorReading exactly(ByteString name, String what) {
    return name.isEmpty()
        ? new SelectorReading.NotSelected("an empty " + what)
        : new SelectorReading.Selected(new Selector.Exactly(name));
  }

  private static SelectorReading startingWith(ByteString prefix, String what) {
    return prefix.isEmpty()
        ? new SelectorReading.NotSelected("an empty " + what)
        : new SelectorReading.Selected(new Selector.StartingWith(prefix));
  }
}
