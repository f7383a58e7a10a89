package tokenvending.permission;

/** A permission to publish or subscribe. It grants nothing on items or functions. */
public record TopicPermission(TopicRole role, CacheSelector cache, ResourceSelector topic)
    implements Permission {
  @Override
  public boolean covers(Permission other) {
    return other
            instanceof
            TopicPermission(
                TopicRole otherRole,
                CacheSelector otherCache,
                ResourceSelector otherTopic)
        && role.covers(otherRole)
        && cache.covers(otherCache)
        && topic.covers(otherTopic);
  }

  @Override
  public boolean sameResources(Permission other) {
    return other instanceof TopicPermission that
        && cache.equals(that.cache)
        && topic.equals(that.topic);
  }
}
