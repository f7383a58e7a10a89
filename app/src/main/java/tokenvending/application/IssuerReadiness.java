package tokenvending.application;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The effect of one issuer's key set on readiness.
 *
 * @param required {@code true}: the server is not ready while the keys cannot be used; {@code
 *     false}: the keys do not affect readiness; absent: the server is not ready while no issuer's
 *     keys can be used
 * @param problem why no token of the issuer can be verified; empty if one can
 */
record IssuerReadiness(URI issuer, Optional<Boolean> required, Optional<String> problem) {
  /** Returns why the issuers make the server not ready; empty if they do not. */
  static Optional<String> reason(List<IssuerReadiness> issuers) {
    List<IssuerReadiness> failing =
        issuers.stream().filter(one -> one.problem().isPresent()).toList();
    boolean noneUsable = failing.size() == issuers.size();
    List<IssuerReadiness> blocking =
        failing.stream().filter(one -> one.required().orElse(noneUsable)).toList();
    return blocking.isEmpty()
        ? Optional.empty()
        : Optional.of(
            blocking.stream().map(IssuerReadiness::sentence).collect(Collectors.joining("; ")));
  }

  private String sentence() {
    return "the keys of " + issuer + " cannot be used (" + problem.orElse("") + ")";
  }
}
