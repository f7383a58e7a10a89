package tokenvending.api;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tokenvending.identity.PresentedCredential;
import tokenvending.permission.Permission;
import tokenvending.permission.PermissionSet;
import tokenvending.permission.PermissionText;
import tokenvending.request.DeclaredParameters;
import tokenvending.request.Ttl;
import tokenvending.request.VendRequest;
import tokenvending.text.Json;

/** Parses a vend request. */
final class VendParser {
  private final DeclaredParameters declared;

  VendParser(DeclaredParameters declared) {
    this.declared = declared;
  }

  /** The parsed request, or why it is malformed. */
  sealed interface Parsed {
    record Understood(PresentedCredential credential, VendRequest request) implements Parsed {}

    /**
     * The request is malformed.
     *
     * @param reason a fixed word for the audit log
     * @param why a phrase for the author of the file; it can contain names that the caller sent
     */
    record Malformed(Problem problem, String reason, String why) implements Parsed {
      static Malformed of(Problem problem, String reason) {
        return new Malformed(problem, reason, LocalReason.words(reason));
      }
    }
  }

  Parsed parse(ApiRequest request) {
    Optional<PresentedCredential> credential = Credentials.of(request);
    if (credential.isEmpty()) {
      return malformed("TWO_CREDENTIALS");
    }
    Optional<List<Field>> query = request.query().decoded();
    if (query.isEmpty()) {
      return malformed("QUERY_ENCODING");
    }
    if (request.method().equals("GET")) {
      return request.body().length() > 0
          ? Parsed.Malformed.of(Problem.TOO_LARGE, "BODY_IN_GET")
          : understood(credential.get(), query.get());
    }
    if (!query.get().isEmpty()) {
      return malformed("QUERY_IN_POST");
    }
    if (request.body().length() > Body.LIMIT) {
      return Parsed.Malformed.of(Problem.TOO_LARGE, "BODY_TOO_LARGE");
    }
    if (request.body().length() == 0) {
      return understood(credential.get(), List.of());
    }
    if (!isJson(request.header("content-type"))) {
      return Parsed.Malformed.of(Problem.UNSUPPORTED_MEDIA_TYPE, "CONTENT_TYPE");
    }
    return fields(request.body().bytes())
        .map(fields -> understood(credential.get(), fields))
        .orElseGet(() -> malformed("BODY_NOT_UNDERSTOOD"));
  }

  /**
   * Parses a flat object of strings. {@code ttl} can be a number, {@code permission} a list of
   * strings.
   */
  private static Optional<List<Field>> fields(byte[] body) {
    Optional<Json.Members> object = Json.object(body);
    if (object.isEmpty()) {
      return Optional.empty();
    }
    List<Field> fields = new ArrayList<>();
    for (Map.Entry<String, Json> member : object.get().values().entrySet()) {
      String name = member.getKey();
      switch (member.getValue()) {
        case Json.Text(String text) -> fields.add(new Field(name, text));
        case Json.Numeral(String literal) when name.equals("ttl") ->
            fields.add(new Field(name, literal));
        case Json.Items(List<Json> items) when name.equals("permission") && !items.isEmpty() -> {
          for (Json item : items) {
            if (!(item instanceof Json.Text(String text))) {
              return Optional.empty();
            }
            fields.add(new Field(name, text));
          }
        }
        default -> {
          return Optional.empty();
        }
      }
    }
    return Optional.of(fields);
  }

  private static boolean isJson(List<String> contentType) {
    if (contentType.size() != 1) {
      return false;
    }
    String[] parts = contentType.getFirst().toLowerCase(Locale.ROOT).split(";", 2);
    boolean utf8 = parts.length == 1 || parts[1].strip().matches("charset=\"?utf-8\"?");
    return parts[0].strip().equals("application/json") && utf8;
  }

  /** Returns the request with these fields, each in the form of a query's. */
  Parsed understood(PresentedCredential credential, List<Field> fields) {
    Map<String, String> parameters = new HashMap<>();
    List<Permission> permissions = new ArrayList<>();
    Optional<Duration> ttl = Optional.empty();
    for (Field field : fields) {
      switch (field.name()) {
        case "ttl" -> {
          if (ttl.isPresent()) {
            return malformed("REPEATED");
          }
          ttl = Ttl.parse(field.value());
          if (ttl.isEmpty()) {
            return malformed("TTL_NOT_UNDERSTOOD");
          }
        }
        case "permission" -> {
          Optional<Permission> permission = PermissionText.parse(field.value());
          if (permission.isEmpty()) {
            return malformed("PERMISSION_NOT_UNDERSTOOD");
          }
          permissions.add(permission.get());
        }
        default -> {
          if (parameters.put(field.name(), field.value()) != null) {
            return malformed("REPEATED");
          }
        }
      }
    }
    Optional<DeclaredParameters.Fault> fault = declared.fault(parameters);
    if (fault.isPresent()) {
      return new Parsed.Malformed(
          Problem.MALFORMED, fault.get().name(), declared.describe(fault.get(), parameters));
    }
    try {
      Optional<PermissionSet> narrower =
          permissions.isEmpty() ? Optional.empty() : Optional.of(new PermissionSet(permissions));
      return new Parsed.Understood(credential, new VendRequest(parameters, narrower, ttl));
    } catch (IllegalArgumentException e) {
      return malformed("PERMISSIONS_REPEATED_OR_TOO_MANY");
    }
  }

  private static Parsed malformed(String reason) {
    return Parsed.Malformed.of(Problem.MALFORMED, reason);
  }
}
