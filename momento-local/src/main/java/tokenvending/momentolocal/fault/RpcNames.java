package tokenvending.momentolocal.fault;

import io.grpc.MethodDescriptor;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tokenvending.momentolocal.wire.PubsubGrpc;
import tokenvending.momentolocal.wire.ScsControlGrpc;
import tokenvending.momentolocal.wire.ScsGrpc;

/**
 * The calls that a fault applies to, as Momento's SDKs name them, such as {@code get} and {@code
 * topic-subscribe}.
 *
 * @param names empty for all calls
 */
public record RpcNames(Set<String> names) {

  private static final Pattern SEPARATOR = Pattern.compile("[ ,]+");
  private static final Pattern WORD = Pattern.compile("(?<=[a-z])(?=[A-Z])");

  public RpcNames {
    names = Set.copyOf(names);
  }

  /** Parses names that are separated by spaces or commas. */
  public static RpcNames parse(String text) {
    return new RpcNames(
        SEPARATOR
            .splitAsStream(text)
            .filter(name -> !name.isEmpty())
            .collect(Collectors.toUnmodifiableSet()));
  }

  /** Whether these names select the method. */
  boolean select(MethodDescriptor<?, ?> method) {
    return names.isEmpty() || of(method).stream().anyMatch(names::contains);
  }

  /** Returns the names of a method. SDKs have no names of their own for two of them. */
  private static List<String> of(MethodDescriptor<?, ?> method) {
    String name =
        WORD.splitAsStream(String.valueOf(method.getBareMethodName()))
            .map(word -> word.toLowerCase(Locale.ROOT))
            .collect(Collectors.joining("-"));
    return switch (name) {
      case "publish", "subscribe" -> List.of("topic-" + name);
      case "set-if-not-exists" -> List.of(name, "set-if");
      case "list-erase" -> List.of(name, "list-remove");
      default -> List.of(name);
    };
  }

  /** Returns those of these names that no call has. */
  public List<String> unknown() {
    Set<String> known = all();
    return names.stream().filter(name -> !known.contains(name)).sorted().toList();
  }

  private static Set<String> all() {
    return Stream.of(
            ScsGrpc.getServiceDescriptor(),
            PubsubGrpc.getServiceDescriptor(),
            ScsControlGrpc.getServiceDescriptor())
        .flatMap(service -> service.getMethods().stream())
        .flatMap(method -> of(method).stream())
        .collect(Collectors.toUnmodifiableSet());
  }
}
