package tokenvending.lambda;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tokenvending.identity.PresentedCredential.GatewayClaims;
import tokenvending.identity.Principal;

/**
 * How our authorizer tells the vend function who signed in with a password. API Gateway lets
 * scalars through only, so the groups travel as one JSON text.
 */
final class AuthorizerContext {
  private static final String ISSUER = "tvmIssuer";
  private static final String SUBJECT = "tvmSubject";
  private static final String GROUPS = "tvmGroups";

  private static final JsonFactory JSON = new JsonFactory();

  private AuthorizerContext() {}

  static Map<String, String> of(Principal caller) {
    return Map.of(
        ISSUER,
        caller.issuer(),
        SUBJECT,
        caller.subject().orElseThrow(),
        GROUPS,
        texts(new TreeSet<>(caller.groups())));
  }

  /** What it says; nothing where it says nothing, or where it is not as we wrote it. */
  static Optional<GatewayClaims> read(Map<String, String> context) {
    String issuer = context.getOrDefault(ISSUER, "");
    String subject = context.getOrDefault(SUBJECT, "");
    if (issuer.isEmpty() || subject.isEmpty()) {
      return Optional.empty();
    }
    return groups(context.getOrDefault(GROUPS, "[]"))
        .map(groups -> new GatewayClaims(issuer, subject, groups));
  }

  private static String texts(Set<String> all) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(text)) {
      out.writeStartArray();
      for (String one : all) {
        out.writeString(one);
      }
      out.writeEndArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  private static Optional<Set<String>> groups(String text) {
    Set<String> groups = new HashSet<>();
    try (JsonParser parser = JSON.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        return Optional.empty();
      }
      while (parser.nextToken() == JsonToken.VALUE_STRING) {
        groups.add(parser.getText());
      }
      return parser.currentToken() == JsonToken.END_ARRAY ? Optional.of(groups) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
