package tokenvending.policy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import tokenvending.request.Parameter;
import tokenvending.text.Digest;

/**
 * Digests all parts of a policy as texts. Each list is preceded by its length and each kind by its
 * name, so that different policies have different forms. Hand-written, because the {@code toString}
 * of records is not a stable format and costs a fifth of a function's start.
 */
final class PolicyFingerprint {
  private final List<String> texts = new ArrayList<>();

  private PolicyFingerprint() {}

  static Digest of(PolicyDocument document) {
    PolicyFingerprint fingerprint = new PolicyFingerprint();
    fingerprint.add(document);
    return Digest.of(fingerprint.texts.toArray(String[]::new));
  }

  private void add(PolicyDocument document) {
    each(document.methods(), this::add);
    each(document.parameters().all(), this::add);
    say(document.ttl().toString(), Boolean.toString(document.withinSession()));
    each(document.rules(), this::add);
  }

  private void add(AuthenticationMethod method) {
    switch (method) {
      case AuthenticationMethod.Open() -> say("open");
      case AuthenticationMethod.Passwords() -> say("passwords");
      case AuthenticationMethod.Issuer(String issuer) -> say("issuer", issuer);
    }
  }

  private void add(Parameter parameter) {
    say(
        parameter.name(),
        Integer.toString(parameter.maxLength()),
        Boolean.toString(parameter.required()));
  }

  private void add(RuleDocument rule) {
    say(rule.id());
    add(rule.when());
    perhaps(rule.ttl().map(Duration::toString));
    perhaps(rule.tokenId());
    say(rule.reuse().name());
    each(rule.permissions(), this::add);
  }

  private void add(ConditionDocument condition) {
    each(condition.groups(), this::say);
    each(
        List.copyOf(condition.claims().entrySet()),
        claim -> {
          say(claim.getKey());
          each(claim.getValue(), this::say);
        });
  }

  private void add(PermissionDocument permission) {
    say(permission.role().word());
    add(permission.cache());
    add(permission.target());
  }

  private void add(SelectorDocument selector) {
    switch (selector) {
      case SelectorDocument.All() -> say("all");
      case SelectorDocument.Exact(String text) -> say("exact", text);
      case SelectorDocument.Prefix(String text) -> say("prefix", text);
    }
  }

  private void perhaps(Optional<String> text) {
    each(text.stream().toList(), this::say);
  }

  private <T> void each(List<T> list, Consumer<? super T> add) {
    say(Integer.toString(list.size()));
    list.forEach(add);
  }

  private void say(String... words) {
    texts.addAll(List.of(words));
  }
}
