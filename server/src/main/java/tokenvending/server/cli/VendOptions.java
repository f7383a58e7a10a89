package tokenvending.server.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;
import tokenvending.application.DescribedCaller;
import tokenvending.configuration.Configuration;
import tokenvending.identity.Principal;
import tokenvending.permission.Permission;
import tokenvending.permission.PermissionSet;
import tokenvending.permission.PermissionText;
import tokenvending.request.DeclaredParameters;
import tokenvending.request.Ttl;
import tokenvending.request.VendRequest;

/**
 * The options that describe a caller and a request: {@code --as}, {@code --param}, {@code
 * --permission} and {@code --ttl}.
 */
final class VendOptions {
  @Option(
      names = "--as",
      paramLabel = "CLAIM=VALUE[,…]",
      split = ",",
      hideParamSyntax = true,
      description =
          "The caller, such as sub=ann,groups=moderators. A repeated name makes a list. Default: an"
              + " anonymous caller. iss defaults to the first authentication method that identifies"
              + " callers.")
  private List<String> as = new ArrayList<>();

  @Option(
      names = "--param",
      paramLabel = "NAME=VALUE",
      description = "A parameter of the request. Can be repeated.")
  private List<String> parameters = new ArrayList<>();

  @Option(
      names = "--permission",
      paramLabel = "PERMISSION",
      description =
          "Narrower permissions, such as 'SubscribeOnly cache=chat topic=room-1'. Can be repeated.")
  private List<String> permissions = new ArrayList<>();

  @Option(names = "--ttl", paramLabel = "TTL", description = "A shorter life: 90s, 15m, 1h.")
  private Optional<String> ttl = Optional.empty();

  /** The options do not describe a valid caller or request; the message has the reason. */
  static final class Unclear extends Exception {
    private static final long serialVersionUID = 1L;

    Unclear(String message) {
      super(message);
    }
  }

  boolean describesCaller() {
    return !as.isEmpty();
  }

  List<String> parameters() {
    return List.copyOf(parameters);
  }

  List<String> permissions() {
    return List.copyOf(permissions);
  }

  Optional<String> ttl() {
    return ttl;
  }

  /** Returns the described caller; its claims count as verified. */
  Principal principal(Configuration configuration) throws Unclear {
    Map<String, List<String>> claims = new LinkedHashMap<>();
    for (String text : as) {
      Map.Entry<String, String> claim = pair(text, "--as");
      claims.computeIfAbsent(claim.getKey(), name -> new ArrayList<>()).add(claim.getValue());
    }
    return DescribedCaller.of(claims, configuration)
        .orElseThrow(
            () ->
                new Unclear(
                    "--as: expected exactly one sub=…, the caller's subject, and at most one iss"));
  }

  /** Returns the described request. */
  VendRequest request(Configuration configuration) throws Unclear {
    Map<String, String> values = new LinkedHashMap<>();
    for (String pair : parameters) {
      Map.Entry<String, String> entry = pair(pair, "--param");
      if (values.put(entry.getKey(), entry.getValue()) != null) {
        throw new Unclear("--param: " + entry.getKey() + " is given twice");
      }
    }
    DeclaredParameters declared = configuration.policy().parameters();
    var fault = declared.fault(values);
    if (fault.isPresent()) {
      throw new Unclear("--param: " + declared.describe(fault.get(), values));
    }
    List<Permission> narrower = new ArrayList<>();
    for (String text : permissions) {
      narrower.add(
          PermissionText.parse(text).orElseThrow(() -> new Unclear("no permission: " + text)));
    }
    Optional<Duration> shorter = Optional.empty();
    if (ttl.isPresent()) {
      shorter =
          Optional.of(Ttl.parse(ttl.get()).orElseThrow(() -> new Unclear("no ttl: " + ttl.get())));
    }
    try {
      return new VendRequest(
          values,
          narrower.isEmpty() ? Optional.empty() : Optional.of(new PermissionSet(narrower)),
          shorter);
    } catch (IllegalArgumentException e) {
      throw new Unclear("--permission: " + e.getMessage());
    }
  }

  private static Map.Entry<String, String> pair(String text, String option) throws Unclear {
    int equals = text.indexOf('=');
    if (equals < 1) {
      throw new Unclear(option + ": expected NAME=VALUE, not " + text);
    }
    return Map.entry(text.substring(0, equals), text.substring(equals + 1));
  }
}
