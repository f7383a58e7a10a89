package tokenvending.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tokenvending.testing.NaiveEvaluator.Statement;

/**
 * Parses a request to mint by the field numbers of Momento's token service, without a protocol
 * library. It fails on everything that is not an explicit, complete statement: super-user, a
 * missing selector, an unknown field.
 */
public record SentRequest(
    long seconds, String key, List<Statement> statements, Optional<String> tokenId) {
  public SentRequest {
    statements = List.copyOf(statements);
  }

  /** Parses a protobuf message, without its gRPC frame. */
  public static SentRequest of(byte[] message) {
    long seconds = -1;
    String key = "";
    List<Statement> statements = new ArrayList<>();
    Optional<String> tokenId = Optional.empty();
    Set<Long> seen = new HashSet<>();
    for (Field field : fields(ByteBuffer.wrap(message))) {
      require(seen.add(field.number), "each field of a request once");
      switch ((int) field.number) {
        case 1 -> seconds = only(1, field.bytes()).varint();
        case 2 -> key = field.text();
        case 3 -> {
          for (Field statement : fields(only(2, field.bytes()).bytes())) {
            require(statement.number == 1, "statements only");
            statements.add(statement(statement.bytes()));
          }
        }
        case 4 -> tokenId = Optional.of(field.text());
        default -> throw new AssertionError("unknown field " + field.number);
      }
    }
    return new SentRequest(seconds, key, statements, tokenId);
  }

  /** Parses a gRPC frame with one uncompressed message. */
  public static SentRequest ofFrame(byte[] frame) {
    ByteBuffer in = ByteBuffer.wrap(frame);
    require(in.get() == 0 && in.getInt() == in.remaining(), "one uncompressed message");
    byte[] message = new byte[in.remaining()];
    in.get(message);
    return of(message);
  }

  private static Statement statement(ByteBuffer bytes) {
    List<Field> kinds = fields(bytes);
    require(kinds.size() == 1, "one kind for each statement");
    String kind =
        switch ((int) kinds.getFirst().number) {
          case 1 -> "item";
          case 2 -> "topic";
          case 3 -> "function";
          default -> throw new AssertionError("unknown kind");
        };
    Optional<Set<String>> rights = Optional.empty();
    Optional<String> cache = Optional.empty();
    boolean allCaches = false;
    Optional<String> how = Optional.empty();
    String name = "";
    Set<Long> seen = new HashSet<>();
    for (Field field : fields(kinds.getFirst().bytes())) {
      require(seen.add(field.number), "each field of a statement once");
      switch ((int) field.number) {
        case 1 -> rights = Optional.of(rights(kind, field.varint()));
        case 2 -> allCaches = isEmpty(field);
        case 3 -> cache = Optional.of(only(1, field.bytes()).text());
        case 4 -> {
          require(isEmpty(field) && how.isEmpty(), "one selector");
          how = Optional.of("all");
        }
        case 5 -> {
          require(how.isEmpty(), "one selector");
          List<Field> selector = fields(field.bytes());
          require(selector.size() == 1, "one selector");
          how = Optional.of(selector.getFirst().number == 1 ? "exact" : "prefix");
          require(selector.getFirst().number <= 2, "a known selector");
          name = selector.getFirst().text();
        }
        default -> throw new AssertionError("unknown field " + field.number);
      }
    }
    require(rights.isPresent() && how.isPresent(), "a role and a selector");
    require(allCaches != cache.isPresent(), "all caches or one");
    return new Statement(
        kind, rights.orElseThrow(), allCaches, cache.orElse(""), how.orElseThrow(), name);
  }

  private static Set<String> rights(String kind, long role) {
    return switch (kind + role) {
      case "item1" -> Set.of("read", "write");
      case "item2" -> Set.of("read");
      case "item3" -> Set.of("write");
      case "topic1" -> Set.of("publish", "subscribe");
      case "topic2" -> Set.of("subscribe");
      case "topic3" -> Set.of("publish");
      case "function1" -> Set.of("invoke");
      default -> throw new AssertionError("unknown role " + role + " of " + kind);
    };
  }

  private static boolean isEmpty(Field field) {
    require(!field.bytes().hasRemaining(), "an empty message");
    return true;
  }

  private static Field only(int number, ByteBuffer bytes) {
    List<Field> fields = fields(bytes);
    require(fields.size() == 1 && fields.getFirst().number == number, "only field " + number);
    return fields.getFirst();
  }

  /** A field: a number, or bytes. */
  private record Field(long number, Optional<Long> value, Optional<ByteBuffer> content) {
    long varint() {
      return value.orElseThrow(() -> new AssertionError("expected a number"));
    }

    ByteBuffer bytes() {
      return content.orElseThrow(() -> new AssertionError("expected bytes")).duplicate();
    }

    String text() {
      try {
        return UTF_8.newDecoder().decode(bytes()).toString();
      } catch (CharacterCodingException e) {
        throw new AssertionError("expected UTF-8", e);
      }
    }
  }

  private static List<Field> fields(ByteBuffer in) {
    List<Field> fields = new ArrayList<>();
    while (in.hasRemaining()) {
      long tag = varint(in);
      switch ((int) (tag & 7)) {
        case 0 -> fields.add(new Field(tag >>> 3, Optional.of(varint(in)), Optional.empty()));
        case 2 -> {
          int length = Math.toIntExact(varint(in));
          fields.add(
              new Field(tag >>> 3, Optional.empty(), Optional.of(in.slice(in.position(), length))));
          in.position(in.position() + length);
        }
        default -> throw new AssertionError("no field of Momento's has this wire type");
      }
    }
    return fields;
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte b = in.get();
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new AssertionError("a number without end");
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("expected " + what);
    }
  }
}
