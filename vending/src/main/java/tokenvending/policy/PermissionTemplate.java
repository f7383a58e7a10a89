package tokenvending.policy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tokenvending.identity.Principal;
import tokenvending.permission.CachePermission;
import tokenvending.permission.CacheRole;
import tokenvending.permission.CacheSelector;
import tokenvending.permission.FunctionPermission;
import tokenvending.permission.FunctionRole;
import tokenvending.permission.Permission;
import tokenvending.permission.ResourceSelector;
import tokenvending.permission.Role;
import tokenvending.permission.TopicPermission;
import tokenvending.permission.TopicRole;
import tokenvending.policy.Decision.Reason;

/** A permission whose selectors can contain templates. */
record PermissionTemplate(Role role, Selector cache, Selector target) {
  /** A selector with its template parsed. */
  sealed interface Selector {
    record All() implements Selector {}

    record Exact(Template name) implements Selector {}

    record Prefix(Template beginning) implements Selector {}

    default Optional<Template> template() {
      return switch (this) {
        case All() -> Optional.empty();
        case Exact(Template template) -> Optional.of(template);
        case Prefix(Template template) -> Optional.of(template);
      };
    }

    default boolean mayCoincide(Selector other) {
      return switch (this) {
        case All() -> other instanceof All;
        case Exact(Template mine) ->
            other instanceof Exact(Template theirs) && mine.mayCoincide(theirs);
        case Prefix(Template mine) ->
            other instanceof Prefix(Template theirs) && mine.mayCoincide(theirs);
      };
    }
  }

  /** The permission for one caller, or the reason why there is none. */
  sealed interface Rendered {
    record Made(Permission permission) implements Rendered {}

    record Unusable(Reason reason) implements Rendered {}
  }

  /** A selector with a caller's values, or the reason why they cannot be inserted. */
  private sealed interface Filled {
    record With(ResourceSelector selector) implements Filled {}

    record Unusable(Reason reason) implements Filled {}
  }

  boolean isConstant() {
    return cache.template().map(Template::isConstant).orElse(true)
        && target.template().map(Template::isConstant).orElse(true);
  }

  /** Whether the selected resources depend on the caller's subject. */
  boolean holdsSubject() {
    return holds(Template::holdsSubject);
  }

  /** Whether the selected resources depend on the caller's issuer. */
  boolean holdsIssuer() {
    return holds(Template::holdsIssuer);
  }

  /** Returns its templates as written. */
  List<String> words() {
    return templates().map(Template::source).toList();
  }

  private boolean holds(Predicate<Template> what) {
    return templates().anyMatch(what);
  }

  private Stream<Template> templates() {
    return Stream.of(cache, target).flatMap(one -> one.template().stream());
  }

  /**
   * Whether some values could make both select the same resources, which Momento rejects in one
   * token.
   */
  boolean mayCoincide(PermissionTemplate other) {
    return role.getClass() == other.role.getClass()
        && cache.mayCoincide(other.cache)
        && target.mayCoincide(other.target);
  }

  Rendered render(Principal caller, Map<String, String> parameters) {
    return switch (fill(cache, caller, parameters)) {
      case Filled.Unusable(Reason reason) -> new Rendered.Unusable(reason);
      case Filled.With(ResourceSelector filledCache) ->
          switch (fill(target, caller, parameters)) {
            case Filled.Unusable(Reason reason) -> new Rendered.Unusable(reason);
            case Filled.With(ResourceSelector filledTarget) ->
                new Rendered.Made(permission(caches(filledCache), filledTarget));
          };
    };
  }

  private static Filled fill(Selector selector, Principal caller, Map<String, String> parameters) {
    Optional<Template> template = selector.template();
    if (template.isEmpty()) {
      return new Filled.With(new ResourceSelector.All());
    }
    return switch (template.get().render(caller, parameters)) {
      case Template.Rendered.Unusable(Reason reason) -> new Filled.Unusable(reason);
      case Template.Rendered.Text(String text) ->
          new Filled.With(
              selector instanceof Selector.Prefix
                  ? new ResourceSelector.Prefixed(text)
                  : new ResourceSelector.Named(text));
    };
  }

  private Permission permission(CacheSelector caches, ResourceSelector selected) {
    return switch (role) {
      case CacheRole cacheRole -> new CachePermission(cacheRole, caches, selected);
      case TopicRole topicRole -> new TopicPermission(topicRole, caches, selected);
      case FunctionRole functionRole -> new FunctionPermission(functionRole, caches, selected);
    };
  }

  private static CacheSelector caches(ResourceSelector selector) {
    return switch (selector) {
      case ResourceSelector.All() -> new CacheSelector.AllCaches();
      case ResourceSelector.Named(String name) -> new CacheSelector.CacheName(name);
      case ResourceSelector.Prefixed(String prefix) ->
          throw new IllegalStateException(
              "caches have no prefix selector; the compiler refuses one");
    };
  }
}
