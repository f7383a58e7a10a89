package tokenvending.momento.socket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Header fields on the wire (RFC 7541): reads those of one connection, in the order in which they
 * come, and writes fields out in full. Not thread-safe.
 */
final class Hpack {
  /** RFC 7541, appendix A: names and, after a space, values. */
  private static final String[] STATIC_TABLE = {
    ":authority",
    ":method GET",
    ":method POST",
    ":path /",
    ":path /index.html",
    ":scheme http",
    ":scheme https",
    ":status 200",
    ":status 204",
    ":status 206",
    ":status 304",
    ":status 400",
    ":status 404",
    ":status 500",
    "accept-charset",
    "accept-encoding gzip, deflate",
    "accept-language",
    "accept-ranges",
    "accept",
    "access-control-allow-origin",
    "age",
    "allow",
    "authorization",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-location",
    "content-range",
    "content-type",
    "cookie",
    "date",
    "etag",
    "expect",
    "expires",
    "from",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "last-modified",
    "link",
    "location",
    "max-forwards",
    "proxy-authenticate",
    "proxy-authorization",
    "range",
    "referer",
    "refresh",
    "retry-after",
    "server",
    "set-cookie",
    "strict-transport-security",
    "transfer-encoding",
    "user-agent",
    "vary",
    "via",
    "www-authenticate"
  };

  private static final int INDEXED = 0x80;
  private static final int WITH_INDEXING = 0x40;
  private static final int SIZE_UPDATE = 0x20;
  private static final int HUFFMAN = 0x80;

  /** In octets, which nobody asked to change (RFC 9113 §6.5.2). */
  private static final int LARGEST_TABLE = 4096;

  /** What a field has in a table beside its octets (§4.1). */
  private static final int ENTRY = 32;

  private record Field(String name, String value) {
    int size() {
      return name.length() + value.length() + ENTRY;
    }
  }

  /** The newest first. */
  private final List<Field> table = new ArrayList<>();

  private int tableSize;
  private int largestTable = LARGEST_TABLE;

  /** A literal field that nobody may put into a table (§6.2.3). */
  static void write(String name, String value, ByteArrayOutputStream block) {
    block.write(0x10);
    writeText(name, block);
    writeText(value, block);
  }

  private static void writeText(String text, ByteArrayOutputStream block) {
    byte[] bytes = text.getBytes(ISO_8859_1);
    int rest = bytes.length;
    // An integer with a prefix of seven bits (§5.1).
    if (rest < 0x7f) {
      block.write(rest);
    } else {
      block.write(0x7f);
      for (rest -= 0x7f; rest > 0x7f; rest >>>= 7) {
        block.write((rest & 0x7f) | 0x80);
      }
      block.write(rest);
    }
    block.writeBytes(bytes);
  }

  /**
   * Reads a whole block.
   *
   * @param field is told every field, in order
   * @throws ProtocolException where it is none, or means a table that there is not
   */
  void read(ByteBuffer block, BiConsumer<String, String> field) throws ProtocolException {
    while (block.hasRemaining()) {
      int first = block.get() & 0xff;
      if ((first & INDEXED) != 0) {
        Field entry = entry(readInteger(first, 7, block));
        field.accept(entry.name(), entry.value());
      } else if ((first & WITH_INDEXING) != 0) {
        Field literal = readLiteral(readInteger(first, 6, block), block);
        field.accept(literal.name(), literal.value());
        remember(literal);
      } else if ((first & SIZE_UPDATE) != 0) {
        resize(readInteger(first, 5, block));
      } else {
        Field literal = readLiteral(readInteger(first, 4, block), block);
        field.accept(literal.name(), literal.value());
      }
    }
  }

  private Field readLiteral(int index, ByteBuffer block) throws ProtocolException {
    String name = index == 0 ? readText(block) : entry(index).name();
    return new Field(name, readText(block));
  }

  private Field entry(int index) throws ProtocolException {
    if (index < 1 || index > STATIC_TABLE.length + table.size()) {
      throw new ProtocolException("there is no such entry");
    }
    if (index > STATIC_TABLE.length) {
      return table.get(index - STATIC_TABLE.length - 1);
    }
    String entry = STATIC_TABLE[index - 1];
    int end = entry.indexOf(' ');
    return end < 0
        ? new Field(entry, "")
        : new Field(entry.substring(0, end), entry.substring(end + 1));
  }

  /** One that does not fit empties the table (§4.4). */
  private void remember(Field field) {
    table.addFirst(field);
    tableSize += field.size();
    shrink();
  }

  private void resize(int size) throws ProtocolException {
    if (size > LARGEST_TABLE) {
      throw new ProtocolException("a table is too large");
    }
    largestTable = size;
    shrink();
  }

  private void shrink() {
    while (tableSize > largestTable) {
      tableSize -= table.removeLast().size();
    }
  }

  private static String readText(ByteBuffer block) throws ProtocolException {
    if (!block.hasRemaining()) {
      throw new ProtocolException("a field is cut off");
    }
    int first = block.get() & 0xff;
    int size = readInteger(first, 7, block);
    if (size > block.remaining()) {
      throw new ProtocolException("a field is cut off");
    }
    ByteBuffer text = block.slice(block.position(), size);
    block.position(block.position() + size);
    return (first & HUFFMAN) == 0 ? ISO_8859_1.decode(text).toString() : Huffman.decode(text);
  }

  /** An integer with a prefix of so many bits, the byte that holds it given (§5.1). */
  private static int readInteger(int first, int bits, ByteBuffer block) throws ProtocolException {
    int most = (1 << bits) - 1;
    int number = first & most;
    if (number < most) {
      return number;
    }
    for (int shift = 0; shift <= 21; shift += 7) {
      if (!block.hasRemaining()) {
        throw new ProtocolException("a number is cut off");
      }
      int next = block.get();
      number += (next & 0x7f) << shift;
      if (next >= 0) {
        return number;
      }
    }
    throw new ProtocolException("a number is too large");
  }
}
