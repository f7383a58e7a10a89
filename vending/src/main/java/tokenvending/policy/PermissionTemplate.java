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
import tokenvending.permission.FunctionSelector;
import tokenvending.permission.ItemSelector;
import tokenvending.permission.Permission;
import tokenvending.permission.Role;
import tokenvending.permission.TopicPermission;
import tokenvending.permission.TopicRole;
import tokenvending.permission.TopicSelector;
import tokenvending.policy.Decision.Reason;

/** A permission whose selectors may hold templates. */
record PermissionTemplate(Role role, Selector cache, Selector target) {
  /** A selector, its template read. */
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

  /** The permission for one caller, or why there is none. */
  sealed interface Rendered {
    record Made(Permission permission) implements Rendered {}

    record Unusable(Reason reason) implements Rendered {}
  }

  /** A selector with a caller's values in it, or why they cannot be inserted. */
  private sealed interface Filled {
    record With(SelectorDocument selector) implements Filled {}

    record Unusable(Reason reason) implements Filled {}
  }

  boolean isConstant() {
    return cache.template().map(Template::isConstant).orElse(true)
        && target.template().map(Template::isConstant).orElse(true);
  }

  /** Whether what it selects depends on who the caller is. */
  boolean holdsSubject() {
    return holds(Template::holdsSubject);
  }

  /** Whether what it selects depends on who says so. */
  boolean holdsIssuer() {
    return holds(Template::holdsIssuer);
  }

  /** Its templates as they were written. */
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
   * Whether some values could make both select the same resources, which Momento refuses in one
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
      case Filled.With(SelectorDocument filledCache) ->
          switch (fill(target, caller, parameters)) {
            case Filled.Unusable(Reason reason) -> new Rendered.Unusable(reason);
            case Filled.With(SelectorDocument filledTarget) ->
                new Rendered.Made(permission(caches(filledCache), filledTarget));
          };
    };
  }

  private static Filled fill(Selector selector, Principal caller, Map<String, String> parameters) {
    Optional<Template> template = selector.template();
    if (template.isEmpty()) {
      return new Filled.With(new SelectorDocument.All());
    }
    return switch (template.get().render(caller, parameters)) {
      case Template.Rendered.Unusable(Reason reason) -> new Filled.Unusable(reason);
      case Template.Rendered.Text(String text) ->
          new Filled.With(
              selector instanceof Selector.Prefix
                  ? new SelectorDocument.Prefix(text)
                  : new SelectorDocument.Exact(text));
    };
  }

  private Permission permission(CacheSelector caches, SelectorDocument filledTarget) {
    return switch (role) {
      case CacheRole cacheRole -> new CachePermission(cacheRole, caches, items(filledTarget));
      case TopicRole topicRole -> new TopicPermission(topicRole, caches, topics(filledTarget));
      case FunctionRole functionRole ->
          new FunctionPermission(functionRole, caches, functions(filledTarget));
    };
  }

  private static CacheSelector caches(SelectorDocument selector) {
    return switch (selector) {
      case SelectorDocument.All() -> new CacheSelector.AllCaches();
      case SelectorDocument.Exact(String name) -> new CacheSelector.CacheName(name);
      case SelectorDocument.Prefix(String prefix) ->
          throw new IllegalStateException(
              "caches have no prefix selector; the compiler refuses one");
    };
  }

  private static ItemSelector items(SelectorDocument selector) {
    return switch (selector) {
      case SelectorDocument.All() -> new ItemSelector.AllItems();
      case SelectorDocument.Exact(String key) -> new ItemSelector.ItemKey(key);
      case SelectorDocument.Prefix(String prefix) -> new ItemSelector.ItemKeyPrefix(prefix);
    };
  }

  private static TopicSelector topics(SelectorDocument selector) {
    return switch (selector) {
      case SelectorDocument.All() -> new TopicSelector.AllTopics();
      case SelectorDocument.Exact(String name) -> new TopicSelector.TopicName(name);
      case SelectorDocument.Prefix(String prefix) -> new TopicSelector.TopicNamePrefix(prefix);
    };
  }

  private static FunctionSelector functions(SelectorDocument selector) {
    return switch (selector) {
      case SelectorDocument.All() -> new FunctionSelector.AllFunctions();
      case SelectorDocument.Exact(String name) -> new FunctionSelector.FunctionName(name);
      case SelectorDocument.Prefix(String prefix) ->
          new FunctionSelector.FunctionNamePrefix(prefix);
    };
  }
}
