package tokenvending.momento;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * What a token service reads from the bytes of a request. Written against the field numbers alone:
 * it shares nothing with the classes that wrote them.
 *
 * @param statements one line each, {@code KIND role=N CACHE TARGET}
 */
record ReceivedRequest(
    long validForSeconds,
    String authToken,
    List<String> statements,
    boolean hasTokenId,
    String tokenId,
    ByteString bytes) {

  static ReceivedRequest of(ByteString bytes) {
    long seconds = -1;
    String authToken = "";
    List<String> statements = new ArrayList<>();
    boolean hasTokenId = false;
    String tokenId = "";
    for (Field field : fields(bytes)) {
      switch (field.number()) {
        case 1 -> {
          for (Field inner : fields(field.bytes())) {
            check(inner.number() == 1, "only valid_for_seconds");
            seconds = inner.varint();
          }
        }
        case 2 -> authToken = field.text();
        case 3 -> statements.addAll(explicit(field.bytes()));
        case 4 -> {
          hasTokenId = true;
          tokenId = field.text();
        }
        default -> throw new AssertionError("unknown request field " + field.number());
      }
    }
    return new ReceivedRequest(seconds, authToken, statements, hasTokenId, tokenId, bytes);
  }

  private static List<String> explicit(ByteString permissions) {
    List<String> statements = new ArrayList<>();
    for (Field field : fields(permissions)) {
      check(field.number() == 2, "asks for super-user");
      for (Field statement : fields(field.bytes())) {
        check(statement.number() == 1, "only permissions in explicit");
        List<Field> kinds = fields(statement.bytes());
        check(kinds.size() == 1, "one kind for each statement");
        Field kind = kinds.getFirst();
        statements.add(statement(kind.number(), kind.bytes()));
      }
    }
    return statements;
  }

  private static String statement(int kind, ByteString bytes) {
    String name =
        switch (kind) {
          case 1 -> "cache";
          case 2 -> "topic";
          case 3 -> "function";
          default -> throw new AssertionError("unknown kind " + kind);
        };
    String role = "role-unset";
    String cache = "cache-unset";
    String target = "target-unset";
    for (Field field : fields(bytes)) {
      switch (field.number()) {
        case 1 -> role = "role=" + field.varint();
        case 2 -> cache = empty(field, "all-caches");
        case 3 -> cache = "cache(" + only(1, field.bytes()).text() + ")";
        case 4 -> target = empty(field, "all");
        case 5 -> {
          List<Field> selectors = fields(field.bytes());
          check(selectors.size() == 1, "one selector");
          Field selector = selectors.getFirst();
          String what =
              switch (selector.number()) {
                case 1 -> "exact";
                case 2 -> "prefix";
                default -> throw new AssertionError("unknown selector");
              };
          target = what + "(" + HexFormat.of().formatHex(selector.bytes().toByteArray()) + ")";
        }
        default -> throw new AssertionError("unknown field " + field.number());
      }
    }
    return name + " " + role + " " + cache + " " + target;
  }

  static String hex(String text) {
    return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String empty(Field field, String word) {
    check(field.bytes().isEmpty(), "an empty message");
    return word;
  }

  private static Field only(int number, ByteString bytes) {
    List<Field> fields = fields(bytes);
    check(fields.size() == 1 && fields.getFirst().number() == number, "exactly one field");
    return fields.getFirst();
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  private record Field(int number, long varint, ByteString bytes) {
    String text() {
      return bytes.toStringUtf8();
    }
  }

  private static List<Field> fields(ByteString bytes) {
    List<Field> fields = new ArrayList<>();
    try {
      CodedInputStream in = bytes.newCodedInput();
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        int number = WireFormat.getTagFieldNumber(tag);
        fields.add(
            WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_VARINT
                ? new Field(number, in.readRawVarint64(), ByteString.EMPTY)
                : new Field(number, 0, in.readBytes()));
      }
      return fields;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
