package tokenvending.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The client's side of an answer, for our own command line. */
public final class TokenResponse {
  private TokenResponse() {}

  /** The token in the body of a 200. */
  public static Optional<String> authToken(String body) {
    return members(body).map(members -> members.get("authToken"));
  }

  /** The members of one flat JSON object that are texts or numbers; empty where it is no object. */
  public static Optional<Map<String, String>> members(String json) {
    Map<String, String> members = new HashMap<>();
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return Optional.empty();
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (value.isScalarValue()) {
          members.put(name, parser.getText());
        } else {
          parser.skipChildren();
        }
      }
      return Optional.of(members);
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
