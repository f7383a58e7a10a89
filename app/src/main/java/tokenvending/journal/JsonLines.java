package tokenvending.journal;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Serial;
import java.io.UncheckedIOException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tokenvending.audit.AuditEvent;

/**
 * Writes an event as one JSON object (RFC 8259) and a newline, in UTF-8. What is absent is left
 * out. Whatever a value holds, the line stays one line, and reads in the order it is written:
 * characters that break lines or reorder text (Unicode Cc, Cf, Zl, Zp) are escaped, and so is all
 * beyond the basic plane, where more of them hide.
 */
final class JsonLines {
  private static final DateTimeFormatter MILLISECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private static final JsonFactory JSON =
      new JsonFactoryBuilder().characterEscapes(new Invisible()).build();

  private JsonLines() {}

  static byte[] encode(AuditEvent event) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try (JsonGenerator json = JSON.createGenerator(bytes, JsonEncoding.UTF8)) {
      json.writeStartObject();
      json.writeStringField("time", MILLISECONDS.format(event.time()));
      text(json, "requestId", event.requestId());
      text(json, "address", event.address());
      optional(json, "issuer", event.caller().flatMap(AuditEvent.Caller::issuer));
      optional(json, "subject", event.caller().flatMap(AuditEvent.Caller::subject));
      optional(json, "rule", event.rule());
      if (!event.permissions().isEmpty()) {
        json.writeArrayFieldStart("permissions");
        for (String permission : event.permissions()) {
          json.writeString(sound(permission));
        }
        json.writeEndArray();
      }
      if (event.expiresAt().isPresent()) {
        json.writeNumberField("expiresAt", event.expiresAt().get().getEpochSecond());
      }
      optional(json, "tokenId", event.tokenId());
      optional(json, "tokenSha256", event.tokenSha256());
      if (event.reused()) {
        json.writeBooleanField("reused", true);
      }
      text(json, "outcome", event.outcome());
      optional(json, "reason", event.reason());
      json.writeEndObject();
      json.writeRaw('\n');
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  private static void optional(JsonGenerator json, String name, Optional<String> value)
      throws IOException {
    if (value.isPresent()) {
      text(json, name, value.get());
    }
  }

  private static void text(JsonGenerator json, String name, String value) throws IOException {
    json.writeStringField(name, sound(value));
  }

  /** Half of a surrogate pair has no UTF-8 form; U+FFFD stands for it, as Unicode §3.9 asks. */
  private static String sound(String value) {
    StringBuilder sound = new StringBuilder(value.length());
    value
        .codePoints()
        .forEach(
            point ->
                sound.appendCodePoint(
                    Character.getType(point) == Character.SURROGATE ? 0xFFFD : point));
    return sound.toString();
  }

  /** Escapes what a reader would not see, or would see elsewhere than it is. */
  private static final class Invisible extends CharacterEscapes {
    @Serial private static final long serialVersionUID = 1;

    @Override
    public int[] getEscapeCodesForAscii() {
      int[] escapes = standardAsciiEscapesForJSON();
      escapes[0x7f] = ESCAPE_STANDARD;
      return escapes;
    }

    @Override
    public @Nullable SerializableString getEscapeSequence(int character) {
      return switch (Character.getType(character)) {
        case Character.CONTROL,
            Character.FORMAT,
            Character.SURROGATE,
            Character.LINE_SEPARATOR,
            Character.PARAGRAPH_SEPARATOR ->
            new SerializedString(String.format("\\u%04x", character));
        default -> null;
      };
    }
  }
}
