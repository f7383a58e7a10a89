package tokenvending.momento.socket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;

/**
 * The code in which HPACK writes text (RFC 7541 §5.2). It is canonical: how long each symbol's code
 * is says all, since codes of one length follow each other by symbol, and longer ones shorter ones.
 */
final class Huffman {
  /**
   * RFC 7541, appendix B: by symbol, the length of its code in bits, as the character that is so
   * far behind {@code 0}. The end of a text is the last symbol.
   */
  private static final String LENGTHS =
      "=GLLLLLLLHNLLNLLLLLLLLNLLLLLLLLL6::<=68;::8;8666555666666678?6<:=677777777777777"
          + "77777777878=C=>6?56565666577666567655677777?;>=LDFDDFFFGFGGGGGHGHHFGHGGGGEFGFGGH"
          + "FEDFFGGEGFFHEFGGEEFEGFGGDFFFGFFGJJDCFGFIJJJKKJHICEJKKJKHEEJJLKKKDHDEFEEGFFIIHHJG"
          + "JKJJKKKKKLKKKKKJN";

  private static final int LONGEST = 30;

  /** A padding is shorter than a byte (§5.2). */
  private static final int PADDING = 7;

  /** By length, how many symbols have it. */
  private static final int[] COUNTS = new int[LONGEST + 1];

  /** By length, then by symbol. */
  private static final int[] SYMBOLS = new int[LENGTHS.length()];

  private static final int END = LENGTHS.length() - 1;

  static {
    int next = 0;
    for (int length = 1; length <= LONGEST; length++) {
      for (int symbol = 0; symbol < LENGTHS.length(); symbol++) {
        if (LENGTHS.charAt(symbol) - '0' == length) {
          COUNTS[length]++;
          SYMBOLS[next++] = symbol;
        }
      }
    }
  }

  private Huffman() {}

  /**
   * Reads all that remains.
   *
   * @throws ProtocolException where it is no such text
   */
  static String decode(ByteBuffer coded) throws ProtocolException {
    byte[] text = new byte[coded.remaining() * 8 / 5 + 1];
    int size = 0;
    int code = 0;
    int length = 0;
    int first = 0;
    int index = 0;
    boolean ones = true;
    while (coded.hasRemaining()) {
      int octet = coded.get();
      for (int bit = 7; bit >= 0; bit--) {
        int value = (octet >> bit) & 1;
        ones &= value == 1;
        code = (code << 1) | value;
        length++;
        if (length > LONGEST) {
          throw new ProtocolException("no code is so long");
        }
        int count = COUNTS[length];
        if (code - first < count) {
          int symbol = SYMBOLS[index + code - first];
          if (symbol == END) {
            throw new ProtocolException("the end of a text is not to be written");
          }
          text[size++] = (byte) symbol;
          code = 0;
          length = 0;
          first = 0;
          index = 0;
          ones = true;
        } else {
          index += count;
          first = (first + count) << 1;
        }
      }
    }
    if (length > PADDING || !ones) {
      throw new ProtocolException("a text is cut off");
    }
    return new String(text, 0, size, ISO_8859_1);
  }
}
