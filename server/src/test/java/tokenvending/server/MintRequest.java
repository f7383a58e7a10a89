package tokenvending.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the bytes of a gRPC request to mint ask for, read by field numbers alone; it fails at
 * anything but explicit permissions.
 *
 * @param statements such as {@code item 2 a exact x}: kind, role number, cache, selector, name
 */
record MintRequest(long seconds, Set<String> statements, String tokenId) {
  static MintRequest of(byte[] frame) {
    // gRPC: one byte that says "not compressed", four of length.
    check(frame[0] == 0 && frame.length > 5, "one uncompressed message");
    long seconds = -1;
    Set<String> statements = new TreeSet<>();
    String tokenId = "";
    for (Field field : fields(ByteString.copyFrom(frame, 5, frame.length - 5))) {
      switch (field.number()) {
        case 1 -> seconds = only(1, field.bytes()).varint();
        case 2 -> check(!field.bytes().isEmpty(), "a key");
        case 3 -> {
          Field explicit = only(2, field.bytes());
          for (Field statement : fields(explicit.bytes())) {
            check(statement.number() == 1, "statements only");
            check(statements.add(statement(statement.bytes())), "no statement twice");
          }
        }
        case 4 -> tokenId = field.text();
        default -> throw new AssertionError("unknown field " + field.number());
      }
    }
    return new MintRequest(seconds, statements, tokenId);
  }

  private static String statement(ByteString bytes) {
    List<Field> kinds = fields(bytes);
    check(kinds.size() == 1, "one kind");
    String kind = List.of("item", "topic", "function").get(kinds.getFirst().number() - 1);
    String role = "none";
    String cache = "none";
    String target = "none";
    for (Field field : fields(kinds.getFirst().bytes())) {
      switch (field.number()) {
        case 1 -> role = Long.toString(field.varint());
        case 2 -> cache = "<all>";
        case 3 -> cache = only(1, field.bytes()).text();
        case 4 -> target = "all";
        case 5 -> {
          List<Field> selector = fields(field.bytes());
          check(selector.size() == 1, "one selector");
          String how = List.of("exact ", "prefix ").get(selector.getFirst().number() - 1);
          target = how + selector.getFirst().text();
        }
        default -> throw new AssertionError("unknown field " + field.number());
      }
    }
    return kind + " " + role + " " + cache + " " + target;
  }

  private static Field only(int number, ByteString bytes) {
    List<Field> fields = fields(bytes);
    check(fields.size() == 1 && fields.getFirst().number() == number, "only field " + number);
    return fields.getFirst();
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("expected " + what);
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
