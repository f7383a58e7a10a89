package tokenvending.authentication;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tokenvending.identity.Claim;
import tokenvending.identity.ClaimPath;
import tokenvending.identity.Groups;
import tokenvending.identity.Scope;
import tokenvending.text.Json;

/** Converts the claims of a verified token for policies. */
final class JwtClaims {
  private JwtClaims() {}

  /** Returns all claims by name. */
  static Map<String, Claim> of(Json.Members claims) {
    Map<String, Claim> read = new HashMap<>();
    claims.present().forEach((name, value) -> claim(value).ifPresent(one -> read.put(name, one)));
    return read;
  }

  /**
   * Returns the caller's groups: a string, the strings of a list, the words of a scope, or the
   * roles of a role map.
   *
   * @param name the claim's name, or a path to it
   */
  static Groups groups(Json.Members claims, String name) {
    Optional<Json> stated = ClaimPath.find(claims.present(), name, JwtClaims::members);
    return switch (stated.orElse(new Json.Null())) {
      case Json.Null _ -> new Groups.Absent(name);
      case Json.Text(String text) ->
          new Groups.Listed(Scope.isNameOf(name) ? new HashSet<>(Scope.words(text)) : Set.of(text));
      case Json.Items(List<Json> items) -> {
        Set<String> texts = new HashSet<>();
        for (Json item : items) {
          if (item instanceof Json.Text(String text)) {
            texts.add(text);
          }
        }
        yield texts.isEmpty() && !items.isEmpty()
            ? new Groups.Unreadable(name)
            : new Groups.Listed(texts);
      }
      case Json.Members map -> {
        Set<String> roles = new Claim.Members(of(map)).roles();
        yield roles.isEmpty() ? new Groups.Unreadable(name) : new Groups.Listed(roles);
      }
      case Json.Numeral _, Json.Bool _ -> new Groups.Unreadable(name);
    };
  }

  private static Optional<Map<String, Json>> members(Json value) {
    return value instanceof Json.Members members
        ? Optional.of(members.present())
        : Optional.empty();
  }

  private static Optional<Claim> claim(Json value) {
    return switch (value) {
      case Json.Text(String text) -> Optional.of(new Claim.One(text));
      case Json.Numeral(String literal) -> Optional.of(new Claim.One(literal));
      case Json.Bool(boolean bool) -> Optional.of(new Claim.One(String.valueOf(bool)));
      case Json.Items(List<Json> items) -> Optional.of(list(items));
      case Json.Members members -> Optional.of(new Claim.Members(of(members)));
      case Json.Null _ -> Optional.empty();
    };
  }

  private static Claim list(List<Json> items) {
    List<String> values = new ArrayList<>();
    for (Json item : items) {
      if (claim(item).orElse(new Claim.Unreadable()) instanceof Claim.One(String value)) {
        values.add(value);
      }
    }
    return values.isEmpty() && !items.isEmpty() ? new Claim.Unreadable() : new Claim.Many(values);
  }
}
