package tokenvending.momentolocal;

import com.google.protobuf.ByteString;
import tokenvending.momentolocal.wire.CacheRole;
import tokenvending.momentolocal.wire.PermissionsType;
import tokenvending.momentolocal.wire.TopicRole;

/** A permission of a token, as Momento grants it. Immutable. */
public final class TokenPermission {

  /** What is permitted: for topics, to read is to subscribe, and to write is to publish. */
  public enum Access {
    READ_ONLY(CacheRole.CacheReadOnly, TopicRole.TopicReadOnly),
    WRITE_ONLY(CacheRole.CacheWriteOnly, TopicRole.TopicWriteOnly),
    READ_WRITE(CacheRole.CacheReadWrite, TopicRole.TopicReadWrite);

    private final CacheRole ofCaches;
    private final TopicRole ofTopics;

    Access(CacheRole ofCaches, TopicRole ofTopics) {
      this.ofCaches = ofCaches;
      this.ofTopics = ofTopics;
    }
  }

  private final PermissionsType wire;

  private TokenPermission(PermissionsType.CachePermissions.Builder cache) {
    this.wire = PermissionsType.newBuilder().setCachePermissions(cache).build();
  }

  private TokenPermission(PermissionsType.TopicPermissions.Builder topic) {
    this.wire = PermissionsType.newBuilder().setTopicPermissions(topic).build();
  }

  /** All items of a cache. */
  public static TokenPermission items(Access access, String cache) {
    return new TokenPermission(
        itemsOf(access, cache).setAllItems(PermissionsType.All.getDefaultInstance()));
  }

  /** The item of a key. */
  public static TokenPermission item(Access access, String cache, String key) {
    return new TokenPermission(
        itemsOf(access, cache)
            .setItemSelector(
                PermissionsType.CacheItemSelector.newBuilder()
                    .setKey(ByteString.copyFromUtf8(key))));
  }

  /** The items whose keys begin with a prefix. */
  public static TokenPermission itemsWithPrefix(Access access, String cache, String prefix) {
    return new TokenPermission(
        itemsOf(access, cache)
            .setItemSelector(
                PermissionsType.CacheItemSelector.newBuilder()
                    .setKeyPrefix(ByteString.copyFromUtf8(prefix))));
  }

  /** All topics of a cache. */
  public static TokenPermission topics(Access access, String cache) {
    return new TokenPermission(
        topicsOf(access, cache).setAllTopics(PermissionsType.All.getDefaultInstance()));
  }

  /** One topic. */
  public static TokenPermission topic(Access access, String cache, String topic) {
    return new TokenPermission(
        topicsOf(access, cache)
            .setTopicSelector(PermissionsType.TopicSelector.newBuilder().setTopicName(topic)));
  }

  /** The topics whose names begin with a prefix. */
  public static TokenPermission topicsWithPrefix(Access access, String cache, String prefix) {
    return new TokenPermission(
        topicsOf(access, cache)
            .setTopicSelector(
                PermissionsType.TopicSelector.newBuilder().setTopicNamePrefix(prefix)));
  }

  PermissionsType wire() {
    return wire;
  }

  private static PermissionsType.CachePermissions.Builder itemsOf(Access access, String cache) {
    return PermissionsType.CachePermissions.newBuilder()
        .setRole(access.ofCaches)
        .setCacheSelector(selector(cache));
  }

  private static PermissionsType.TopicPermissions.Builder topicsOf(Access access, String cache) {
    return PermissionsType.TopicPermissions.newBuilder()
        .setRole(access.ofTopics)
        .setCacheSelector(selector(cache));
  }

  private static PermissionsType.CacheSelector selector(String cache) {
    return PermissionsType.CacheSelector.newBuilder().setCacheName(cache).build();
  }
}
